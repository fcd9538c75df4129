// Whole programs: main() is explored again and again, as WEAVE_OPTIONS says.
//
// It is linked with --wrap=main. The last line on standard error is
//     weave: VERDICT executions=N complete=yes|no seconds=S optimised=yes|no
// and, after a finding of mode=mix, which of its choosers found it in how many executions of its
// own:
//     weave: VERDICT executions=N ... optimised=yes|no found-by=pos found-after=N
// Before it, a search through all executions says what has bounded it.
// supervisor.h has the exit statuses.
#include <fcntl.h>
#include <getopt.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <locale>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <weave/weave.h>
#include "run/active.h"
#include "run/check.h"
#include "run/request.h"
#include "run/search.h"
#include "run/state_file.h"
#include "run/supervisor.h"
#include "run/uninstrumented.h"
#include "run/unseen.h"

// Defined where the library's own instrumented file is linked.
extern "C" __attribute__((weak)) const unsigned __weave_library_files;

extern "C" int __real_main(int argc, char** argv, char** environment);

// Defined where weave::gtest_main is linked: called in place of the exploration, which still comes
// if it returns a negative number. Any other one is the status of the process.
extern "C" __attribute__((weak)) int __weave_drive(int argc, char** argv);

// Defined in a coverage build: writes the counts of all executions, as its handler of atexit(),
// which each execution would call, does without weave.
extern "C" __attribute__((weak)) int __llvm_profile_write_file();

// The linker's names for the table of the program's constructors.
using Constructor = void (*)(int argc, char** argv, char** environment);
extern "C" {
extern __attribute__((visibility("hidden"))) const Constructor __init_array_start[];
extern __attribute__((visibility("hidden"))) const Constructor __init_array_end[];
}

namespace weave {

namespace {

void write_file(const std::string& path, const std::string& content) {
    if (path.empty()) {
        return;
    }
    std::ofstream file(path);
    file << content;
    if (!file.flush()) {
        std::fprintf(stderr, "weave: cannot write %s\n", path.c_str());
        finish();
        std::_Exit(exit_usage);
    }
}

std::string quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        char escaped[8];
        if (c == '"' || c == '\\') {
            quoted += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            quoted += escaped;
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

/// What only a search through all executions has.
std::string exhaustive_json(const Result& result) {
    std::string text = result.digest.empty() ? "" : ", \"digest\": " + quoted(result.digest);
    text += ", \"dropped\": " + std::to_string(result.dropped) + ", \"bounded\": [";
    for (const Bound& bound : result.bounds) {
        text += (&bound == &result.bounds.front() ? "" : ", ") + ("{\"by\": " + quoted(bound.by)) +
                ", \"executions\": " + std::to_string(bound.executions) +
                ", \"where\": " + quoted(bound.where) + "}";
    }
    text += "]";
    if (const Estimate& all = result.estimate; all.executions > 0) {
        char numbers[256];
        std::snprintf(numbers, sizeof numbers,
                      ", \"estimate\": {\"executions\": %.0f, \"low\": %.0f, \"high\": %.0f, "
                      "\"seconds\": %.3f, \"samples\": %" PRIu64 "}",
                      all.executions, all.low, all.high, all.seconds, all.samples);
        text += numbers;
    }
    return text;
}

/// Says what has kept the search from being complete. That a finding ends it is known.
void print_bounds(const Result& result) {
    for (const Bound& bound : result.bounds) {
        if (bound.by == "finding") {
            continue;
        }
        if (bound.executions == 0) {
            std::fprintf(stderr, "weave: bounded by %s: ended %s\n", bound.by.c_str(),
                         bound.where.c_str());
        } else {
            std::fprintf(stderr, "weave: bounded by %s: %" PRIu64 " %s cut short, first %s\n",
                         bound.by.c_str(), bound.executions,
                         bound.executions == 1 ? "execution" : "executions", bound.where.c_str());
        }
    }
}

std::string json_of(const Result& result, const std::string& reproduce) {
    char text[512];
    std::snprintf(text, sizeof text,
                  "{\"verdict\": \"%s\", \"executions\": %" PRIu64 ", \"blocked\": %" PRIu64
                  ", \"complete\": %s, \"seconds\": %.3f, \"steps\": %" PRIu64
                  ", \"steps_min\": %" PRIu64 ", \"threads\": %" PRIu64
                  ", \"backlog_max\": %" PRIu64 ", \"first_finding\": %" PRIu64,
                  name_of(result.verdict), result.executions, result.blocked,
                  result.is_complete ? "true" : "false", result.seconds, result.steps,
                  result.executions == 0 ? 0 : result.steps_min, result.threads_max,
                  result.backlog_max, result.first_finding);
    const std::string found =
        result.found_after == 0 ? ""
                                : std::string(", \"found_by\": \"") + name_of(result.found_by) +
                                      "\", \"found_after\": " + std::to_string(result.found_after);
    return text + found + exhaustive_json(result) + (", \"what\": " + quoted(result.finding.what)) +
           ", \"report\": " + quoted(result.finding.report) +
           ", \"explanation\": " + quoted(result.finding.explanation) +
           ", \"schedule\": " + quoted(result.finding.schedule) +
           ", \"reproduce\": " + quoted(reproduce) + "}\n";
}

int status_of(Verdict verdict, int own) {
    switch (verdict) {
        case Verdict::ok:
            return own;
        case Verdict::limit:
        case Verdict::unsupported:
            return exit_undecided;
        case Verdict::data_race:
        case Verdict::assertion:
        case Verdict::crash:
        case Verdict::deadlock:
        case Verdict::livelock:
        case Verdict::use_after_free:
        case Verdict::double_free:
        case Verdict::leak:
        case Verdict::out_of_bounds:
        case Verdict::uninitialized:
        case Verdict::exit_status:
        case Verdict::judged:
            return exit_finding;
        case Verdict::unrepeatable:
            return exit_unrepeatable;
    }
    return exit_finding;
}

/// Number of threads that the system knows in this process.
unsigned system_threads() {
    unsigned count = 0;
    std::error_code ignored;
    for ([[maybe_unused]] const auto& task :
         std::filesystem::directory_iterator("/proc/self/task", ignored)) {
        ++count;
    }
    return count;
}

/// Shows what the program prints in the first execution and in that of the finding, and hides the
/// rest.
class Output final : public Watcher {
  public:
    Output(Progress& progress, bool refuses_uninstrumented)
        : progress_(progress), refuses_uninstrumented_(refuses_uninstrumented) {}

    void before_execution(bool is_finding) override {
        optind = 1;
        const bool is_shown = is_finding ? executions_ != 1 : executions_ == 0;
        if (is_shown) {
            show();
        } else {
            hide();
        }
    }

    void before_report() override { show(); }

    static bool is_program_instrumented() {
        return instrumented_files > (&__weave_library_files == nullptr ? 0 : __weave_library_files);
    }

    /// Ends the process if a part of the program runs without weave.
    void refuse_bypass() {
        std::string what;
        if (!is_program_instrumented()) {
            what = "no file of the program was compiled with weave's flags";
        } else if (system_threads() > 1) {
            what = "a thread of the system runs beside those of weave";
        } else if (refuses_uninstrumented_) {
            what = first_uninstrumented();
        }
        if (what.empty()) {
            return;
        }
        show();
        std::fprintf(stderr, "weave: bypassed: %s\n", what.c_str());
        end_early("bypassed", exit_bypassed);
    }

    /// Prints the last line of a search that cannot say anything, and ends the process.
    [[noreturn]] void end_early(const char* verdict, int status) {
        print_last_line(verdict, executions_, false, 0);
        finish();
        std::_Exit(status);
    }

    void after_execution(Verdict, int) override {
        ++executions_;
        ++progress_.executions;
        if (executions_ == 1) {
            refuse_bypass();
        }
    }

    bool wants_end() override { return stop_signal() != 0; }

  private:
    static constexpr int streams[] = {STDOUT_FILENO, STDERR_FILENO};

    void hide() {
        std::fflush(stdout);
        if (is_hidden_) {
            return;
        }
        is_hidden_ = true;
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        for (const int stream : streams) {
            kept_[stream] = fcntl(stream, F_DUPFD_CLOEXEC, kept_min);
            dup2(nowhere, stream);
        }
        set_message_stream(kept_[STDERR_FILENO]);
        close(nowhere);
    }

    void show() {
        std::fflush(stdout);
        if (!is_hidden_) {
            return;
        }
        is_hidden_ = false;
        set_message_stream(STDERR_FILENO);
        for (const int stream : streams) {
            dup2(kept_[stream], stream);
            close(kept_[stream]);
        }
    }

    // The first file descriptor for copies: one that a program does not expect to be free.
    static constexpr int kept_min = 900;

    Progress& progress_;
    const bool refuses_uninstrumented_;
    uint64_t executions_ = 0;
    bool is_hidden_ = false;
    int kept_[3] = {};
};

/// The arguments of main(). An execution may change the pointers, as getopt does.
class Arguments {
  public:
    Arguments(int count, char** values, char** environment)
        : count_(count),
          first_(values, values + count + 1),
          values_(first_),
          environment_(environment) {}

    /// Runs these constructors, and main().
    [[noreturn]] void run_main(std::span<const Constructor> constructors) {
        std::copy(first_.begin(), first_.end(), values_.begin());
        for (const Constructor constructor : constructors) {
            constructor(count_, values_.data(), environment_);
        }
        std::exit(__real_main(count_, values_.data(), environment_));
    }

  private:
    const int count_;
    const std::vector<char*> first_;
    std::vector<char*> values_;
    char** const environment_;
};

Result explore_main(Request& request, Search& whole, Output& output, Arguments& arguments,
                    std::span<const Constructor> constructors) {
    try {
        // Not inlined into a function of the C++ library, so that it counts as code of the runtime.
        const auto body = [&]() __attribute__((noinline)) { arguments.run_main(constructors); };
        return search(request.options, whole, body, output);
    } catch (const WrongSchedule&) {
        std::fprintf(stderr, "weave: the schedule is one of another program or build\n");
        output.end_early("wrong-schedule", exit_wrong_schedule);
    } catch (const WrongState& wrong) {
        output.before_report();
        refuse(wrong.what());
    } catch (const std::invalid_argument&) {
        refuse("replay names a schedule that is damaged");
    }
}

/// The words of WEAVE_OPTIONS that matter to a replay, each followed by a colon.
std::string options_for_replay() {
    const char* const given = std::getenv("WEAVE_OPTIONS");
    const std::string all = given == nullptr ? "" : given;
    std::string kept;
    for (size_t begin = 0; begin < all.size();) {
        const size_t end = std::min(all.find(':', begin), all.size());
        const std::string word = all.substr(begin, end - begin);
        const std::string name = word.substr(0, word.find('='));
        if (name == "steps" || name == "leaks" || name == "ignore" || name == "races" ||
            name == "status" || name == "suppressions" || name == "uninstrumented" ||
            name == "unseen") {
            kept += word + ":";
        }
        begin = end + 1;
    }
    return kept;
}

/// Runs the program again as `options` say, in a new process. Returns its last line, or nothing if
/// it does not end within a minute.
std::string last_line_of_replay(const std::string& options, char** argv) {
    int channel[2];
    if (pipe2(channel, O_CLOEXEC) != 0) {
        return "";
    }
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(channel[1], STDERR_FILENO);
        setenv("WEAVE_OPTIONS", (options + ":seconds=60").c_str(), 1);
        execv("/proc/self/exe", argv);
        _exit(exit_usage);
    }
    close(channel[1]);
    std::string text;
    char part[4096];
    for (ssize_t size; (size = read(channel[0], part, sizeof part)) > 0;) {
        text.append(part, static_cast<size_t>(size));
    }
    close(channel[0]);
    waitpid(child, nullptr, 0);
    const size_t end = text.find_last_not_of('\n');
    const size_t begin = text.rfind('\n', end);
    return text.substr(begin == std::string::npos ? 0 : begin + 1);
}

/// Keeps the schedule of a finding in the current folder, and tries it in a new process. Returns
/// the command that runs it again, or nothing without a finding. A caller that starts the program
/// in its own way gives the beginning of that command in WEAVE_REPLAY.
std::string keep_schedule(const Result& result, char** argv) {
    if (result.finding.schedule.empty()) {
        return "";
    }
    const std::string name = name_of(result.verdict);
    const std::string file =
        "weave-" + name + "-" + std::to_string(result.first_finding) + ".schedule";
    write_file(file, result.finding.schedule);
    const std::string options = options_for_replay() + "replay=" + file;
    if (last_line_of_replay(options, argv).rfind("weave: " + name + " ", 0) != 0) {
        std::fprintf(stderr, "weave: %s does not give the same finding in another process\n",
                     file.c_str());
        return "";
    }
    const char* const command = std::getenv("WEAVE_REPLAY");
    if (command == nullptr) {
        return "WEAVE_OPTIONS=" + options + " " + argv[0];
    }
    std::string words = options;
    std::replace(words.begin(), words.end(), ':', ' ');
    return command + (" " + words);
}

/// What the last line says of the chooser that found something.
std::string found_text(const Result& result) {
    if (result.found_after == 0) {
        return "";
    }
    return std::string(" found-by=") + name_of(result.found_by) +
           " found-after=" + std::to_string(result.found_after);
}

/// The number of executions that ended early, if there are any.
std::string blocked_text(const Result& result) {
    return result.blocked == 0 ? "" : " blocked=" + std::to_string(result.blocked);
}

/// The arguments of the program, without its name.
std::string text_of_arguments(int argc, char** argv) {
    std::string text;
    for (int i = 1; i < argc; ++i) {
        text += argv[i];
        text += '\n';
    }
    return text;
}

/// Which lines a search through all executions prints while it runs. `progress` decides if it is
/// given; otherwise the progress is for a terminal, and the estimate for everyone.
void choose_lines(Request& request, Search& whole) {
    Options& options = request.options;
    whole.prints_estimate = !request.has_progress || options.shows_progress;
    options.shows_progress =
        request.has_progress ? options.shows_progress : isatty(STDERR_FILENO) != 0;
}

/// Names the functions that read or write the program's memory behind weave's back.
void warn_of_unseen() {
    constexpr size_t names_max = 5;
    const std::vector<std::string> names = all_uninstrumented();
    for (size_t i = 0; i < std::min(names.size(), names_max); ++i) {
        std::fprintf(stderr,
                     "weave: not seen: what %s reads and writes, which was not compiled with "
                     "weave's flags\n",
                     names[i].c_str());
    }
    if (names.size() > names_max) {
        std::fprintf(stderr, "weave: not seen: %zu more functions\n", names.size() - names_max);
    }
    for (const UnseenCall& call : unseen_calls()) {
        std::fprintf(stderr, "weave: not seen: what %s() reads and writes, called at %s\n",
                     call.function.c_str(), call.place.c_str());
    }
}

/// Explores these constructors and main().
int run(int argc, char** argv, char** environment, std::span<const Constructor> constructors) {
    // Weave's own streams make the classic locale and the global one, when a schedule is read and
    // at other times. A program's threads may run before the constructors of the C++ library do,
    // and must always find them made, or a replay has other steps than the execution.
    static_cast<void>(std::locale());
    Request request = request_from(std::getenv("WEAVE_OPTIONS"));
    set_replay(request);
    Progress& progress = supervise(request.options.seconds);
    request.options.restores_variables = true;
    Search whole;
    whole.is_program = true;
    whole.is_traced = !request.trace.empty();
    whole.arguments = text_of_arguments(argc, argv);
    choose_lines(request, whole);
    if (request.warns_of_unseen) {
        warn_of_unseen();
    }
    Output output(progress, request.refuses_uninstrumented);
    Arguments arguments(argc, argv, environment);
    const Result result = explore_main(request, whole, output, arguments, constructors);
    if (result.executions > 1) {
        output.refuse_bypass();
    }
    std::string reproduce;
    if (request.options.replay.empty()) {
        reproduce = keep_schedule(result, argv);
    }
    print_bounds(result);
    if (!reproduce.empty()) {
        std::fprintf(stderr, "reproduce: %s\n", reproduce.c_str());
    }
    if (!result.limitation.empty()) {
        std::fprintf(stderr, "weave: searched as mode=dfs: %s\n", result.limitation.c_str());
    }
    if (!result.asymmetry.empty()) {
        std::fprintf(stderr, "weave: searched without symmetry: %s\n", result.asymmetry.c_str());
    }
    if (!result.digest.empty()) {
        std::fprintf(stderr, "weave: digest %s\n", result.digest.c_str());
    }
    write_file(request.trace, whole.trace);
    write_file(request.json, json_of(result, reproduce));
    if (const int signal = stop_signal(); signal != 0) {
        std::fprintf(stderr, "weave: interrupted by signal %d\n", signal);
    }
    print_last_line(name_of(result.verdict), result.executions, result.is_complete, result.seconds,
                    blocked_text(result) + found_text(result));
    finish();
    return status_of(result.verdict, whole.exit_status);
}

void begin_program(int, char** argv, char** environment) { begin_start(argv, environment); }

// Runs before the constructors of global objects: what they allocate and register belongs to every
// execution.
__attribute__((section(".preinit_array"), used)) const Constructor before_constructors =
    begin_program;

[[noreturn]] void explore_and_exit(int argc, char** argv, char** environment,
                                   std::span<const Constructor> constructors) {
    end_start();
    int status = &__weave_drive == nullptr ? -1 : __weave_drive(argc, argv);
    if (status < 0) {
        status = run(argc, argv, environment, constructors);
    }
    std::fflush(nullptr);
    if (&__llvm_profile_write_file != nullptr) {
        __llvm_profile_write_file();
    }
    std::_Exit(status);
}

void do_nothing(int, char**, char**) {}

// In the table after the constructors of the program, and before those of the C++ library.
__attribute__((section(".init_array"), used)) const Constructor last_constructor = do_nothing;

/// The first constructor but for those of the compiler's own, which describe the program's objects:
/// if a later one starts a thread, it never returns.
void begin_constructors(int argc, char** argv, char** environment) {
    if (!are_constructors_explored()) {
        return;
    }
    const Constructor* const first =
        std::find(__init_array_start, __init_array_end, begin_constructors) + 1;
    const Constructor* const last = std::find(first, __init_array_end, do_nothing);
    for (const Constructor* library = last; library != __init_array_end; ++library) {
        (*library)(argc, argv, environment);
    }
    explore_and_exit(argc, argv, environment, {first, last});
}

__attribute__((section(".init_array.00002"), used)) const Constructor first_constructor =
    begin_constructors;

}  // namespace

}  // namespace weave

extern "C" int __wrap_main(int argc, char** argv, char** environment) {
    weave::explore_and_exit(argc, argv, environment, {});
}
