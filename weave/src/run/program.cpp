// Whole programs: main() is explored again and again, as WEAVE_OPTIONS says.
//
// It is linked with --wrap=main. The last line on standard error is
//     weave: VERDICT executions=N complete=yes|no seconds=S optimised=yes|no
// The exit status is 66 after a finding, 65 after `limit` and `unsupported`, 2 for wrong options,
// and otherwise the program's own.
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <weave/weave.h>
#include "report/schedule.h"
#include "run/check.h"
#include "run/search.h"

// Defined by a file of the program that was compiled with optimisation: see weave_atomics.h.
extern "C" __attribute__((weak)) const char __weave_is_optimised;

extern "C" int __real_main(int argc, char** argv, char** environment);

namespace weave {

namespace {

constexpr int exit_finding = 66;
constexpr int exit_undecided = 65;
constexpr int exit_usage = 2;

bool is_optimised() { return &__weave_is_optimised != nullptr; }

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "weave: WEAVE_OPTIONS: %s\n", why.c_str());
    std::_Exit(exit_usage);
}

struct Request {
    Options options;
    std::string replay;  ///< the content of a file
    bool has_replay = false;
    std::string json;
    std::string trace;
};

/// Refuses an option's value. `expected` says which values are allowed.
[[noreturn]] void refuse_value(const std::string& name, const std::string& value,
                               const std::string& expected) {
    refuse(name + "=" + value + ": expected " + expected);
}

/// A whole number from 0 to the largest of T.
template <class T>
T to_number(const std::string& name, const std::string& value) {
    constexpr T largest = std::numeric_limits<T>::max();
    T number{};
    const char* const end = value.data() + value.size();
    const auto [parsed, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || parsed != end || number < 0) {
        refuse_value(name, value, "a whole number from 0 to " + std::to_string(largest));
    }
    return number;
}

Memory to_memory(const std::string& value) {
    if (value != "c20" && value != "sc") {
        refuse_value("memory", value, "c20 or sc");
    }
    return value == "sc" ? Memory::sc : Memory::c20;
}

Mode to_mode(const std::string& value) {
    if (value == "random") {
        return Mode::random;
    }
    if (value == "pct") {
        return Mode::pct;
    }
    if (value == "starve") {
        return Mode::starve;
    }
    if (value == "exhaustive") {
        return Mode::exhaustive;
    }
    if (value == "bytes") {
        return Mode::bytes;
    }
    refuse_value("mode", value, "random, pct, starve, exhaustive or bytes");
}

bool to_switch(const std::string& name, const std::string& value) {
    if (value != "0" && value != "1") {
        refuse_value(name, value, "0 or 1");
    }
    return value == "1";
}

/// The option of a switch, or null if there is no switch with that name.
bool* switch_of(Options& options, const std::string& name) {
    return name == "continue"   ? &options.continues
           : name == "spurious" ? &options.spurious_wakeups
           : name == "plain"    ? &options.plain_choice_points
           : name == "reuse"    ? &options.reuses_memory
           : name == "leaks"    ? &options.finds_leaks
                                : nullptr;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        refuse_value("replay", path, "a file that can be read");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string read_input() {
    std::string content;
    char part[4096];
    for (size_t size; (size = std::fread(part, 1, sizeof part, stdin)) != 0;) {
        content.append(part, size);
    }
    return content;
}

void take(Request& request, const std::string& name, const std::string& value) {
    Options& options = request.options;
    if (name == "mode") {
        options.mode = to_mode(value);
    } else if (name == "executions") {
        options.executions = to_number<uint64_t>(name, value);
    } else if (name == "seconds") {
        options.seconds = static_cast<double>(to_number<uint64_t>(name, value));
    } else if (name == "seed") {
        options.seed = to_number<uint64_t>(name, value);
    } else if (name == "depth") {
        options.depth = to_number<uint32_t>(name, value);
    } else if (name == "preemptions") {
        options.preemptions = to_number<int32_t>(name, value);
    } else if (name == "steps") {
        options.steps_max = to_number<uint32_t>(name, value);
    } else if (name == "memory") {
        options.memory = to_memory(value);
    } else if (bool* const option = switch_of(options, name); option != nullptr) {
        *option = to_switch(name, value);
    } else if (name == "replay") {
        request.replay = read_file(value);
        request.has_replay = true;
    } else if (name == "trace") {
        request.trace = value;
    } else if (name == "json") {
        request.json = value;
    } else {
        refuse("there is no option '" + name +
               "'; expected mode, executions, seconds, seed, depth, preemptions, steps, memory, "
               "plain, spurious, reuse, leaks, continue, replay, trace or json");
    }
}

Request request_from(const char* text) {
    Request request;
    const std::string all = text == nullptr ? "" : text;
    for (size_t begin = 0; begin < all.size();) {
        const size_t end = std::min(all.find(':', begin), all.size());
        const std::string word = all.substr(begin, end - begin);
        const size_t equals = word.find('=');
        if (equals == std::string::npos) {
            refuse("'" + word + "' is not NAME=VALUE");
        }
        take(request, word.substr(0, equals), word.substr(equals + 1));
        begin = end + 1;
    }
    return request;
}

/// Prepares the choices. The file `replay` is a schedule, in any mode, or else holds the choices of
/// mode=bytes; without a file these come from standard input.
void set_replay(Request& request) {
    Options& options = request.options;
    if (request.has_replay && is_schedule(request.replay)) {
        options.replay = request.replay;
        return;
    }
    if (options.mode != Mode::bytes && request.has_replay) {
        refuse("replay names a file that is not a schedule; only mode=bytes takes any file");
    }
    if (options.mode == Mode::bytes && !request.has_replay) {
        request.replay = read_input();
    }
    options.bytes = reinterpret_cast<const uint8_t*>(request.replay.data());
    options.bytes_size = request.replay.size();
}

void write_file(const std::string& path, const std::string& content) {
    if (path.empty()) {
        return;
    }
    std::ofstream file(path);
    file << content;
    if (!file.flush()) {
        std::fprintf(stderr, "weave: cannot write %s\n", path.c_str());
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

std::string json_of(const Result& result, const std::string& reproduce) {
    char text[512];
    std::snprintf(text, sizeof text,
                  "{\"verdict\": \"%s\", \"executions\": %" PRIu64
                  ", \"complete\": %s, \"seconds\": %.3f, \"steps\": %" PRIu64
                  ", \"steps_min\": %" PRIu64 ", \"backlog_max\": %" PRIu64
                  ", \"first_finding\": %" PRIu64,
                  name_of(result.verdict), result.executions, result.is_complete ? "true" : "false",
                  result.seconds, result.steps, result.executions == 0 ? 0 : result.steps_min,
                  result.backlog_max, result.first_finding);
    return text + (", \"what\": " + quoted(result.finding.what)) +
           ", \"report\": " + quoted(result.finding.report) +
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
            return exit_finding;
    }
    return exit_finding;
}

/// Keeps the schedule of a finding in the current folder. Returns the command that runs it again,
/// or nothing without a finding. A caller that starts the program in its own way gives the
/// beginning of that command in WEAVE_REPLAY.
std::string keep_schedule(const Result& result, const char* program) {
    if (result.finding.schedule.empty()) {
        return "";
    }
    const std::string file = std::string("weave-") + name_of(result.verdict) + "-" +
                             std::to_string(result.first_finding) + ".schedule";
    write_file(file, result.finding.schedule);
    const char* const command = std::getenv("WEAVE_REPLAY");
    return command != nullptr ? std::string(command) + " replay=" + file
                              : "WEAVE_OPTIONS=replay=" + file + " " + program;
}

/// Shows what the program prints in the first execution and in that of the finding, and hides the
/// rest.
class Output final : public Watcher {
  public:
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

    void after_execution(Verdict, int exit_status) override {
        ++executions_;
        exit_status_ = exit_status_ == 0 ? exit_status : exit_status_;
    }

    /// The first one other than 0 that an execution ended with.
    int exit_status() const { return exit_status_; }

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

    uint64_t executions_ = 0;
    int exit_status_ = 0;
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

    [[noreturn]] void run_main() {
        std::copy(first_.begin(), first_.end(), values_.begin());
        std::exit(__real_main(count_, values_.data(), environment_));
    }

  private:
    const int count_;
    const std::vector<char*> first_;
    std::vector<char*> values_;
    char** const environment_;
};

Result explore_main(Request& request, Search& whole, Output& output, Arguments& arguments) {
    try {
        return search(request.options, whole, [&] { arguments.run_main(); }, output);
    } catch (const std::invalid_argument&) {
        refuse("replay names a schedule that is damaged");
    }
}

int run(int argc, char** argv, char** environment) {
    Request request = request_from(std::getenv("WEAVE_OPTIONS"));
    set_replay(request);
    request.options.restores_variables = true;
    Search whole;
    whole.is_program = true;
    whole.is_traced = !request.trace.empty();
    Output output;
    Arguments arguments(argc, argv, environment);
    const Result result = explore_main(request, whole, output, arguments);
    std::string reproduce;
    if (request.options.replay.empty()) {
        reproduce = keep_schedule(result, argv[0]);
    }
    if (!reproduce.empty()) {
        std::fprintf(stderr, "reproduce: %s\n", reproduce.c_str());
    }
    write_file(request.trace, whole.trace);
    write_file(request.json, json_of(result, reproduce));
    std::fprintf(stderr, "weave: %s executions=%" PRIu64 " complete=%s seconds=%.2f optimised=%s\n",
                 name_of(result.verdict), result.executions, result.is_complete ? "yes" : "no",
                 result.seconds, is_optimised() ? "yes" : "no");
    return status_of(result.verdict, output.exit_status());
}

// Runs before the constructors of global objects: what they allocate and register belongs to every
// execution.
__attribute__((section(".preinit_array"), used)) void (*const before_constructors)() = begin_start;

}  // namespace

}  // namespace weave

extern "C" int __wrap_main(int argc, char** argv, char** environment) {
    weave::end_start();
    const int status = weave::run(argc, argv, environment);
    std::fflush(nullptr);
    std::_Exit(status);
}
