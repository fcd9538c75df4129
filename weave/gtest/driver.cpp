// What a GoogleTest program does that is linked with weave::gtest_main: it runs itself once for
// each of its tests, explores that one, and prints a line about it.
//
//     Queue.pops_what_was_pushed  ok: 10000 executions
//     Queue.is_never_full         finding: assertion: queue_test.cpp:12: ...
//         reproduce: WEAVE_OPTIONS=status=any:replay=weave-Queue.is_never_full.schedule ./tests ...
//     Queue.begins_empty          not concurrent
//
// WEAVE_OPTIONS holds for each test. With the option `replay` the program is not driven: it repeats
// the finding of the test that --gtest_filter names, and shows all of its report. The exit status
// is 66 after a finding, 65 if a test is undecided, 2 if there is none, and otherwise 0.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int exit_usage = 2;
constexpr int exit_undecided = 65;
constexpr int exit_finding = 66;

/// Set in the processes that explore one test.
constexpr const char* one_test = "WEAVE_GTEST_ONE_TEST";

std::string options_given() {
    const char* const given = std::getenv("WEAVE_OPTIONS");
    return given == nullptr || *given == '\0' ? "" : std::string(":") + given;
}

/// Runs this program again. Returns what it prints: to standard output, or to standard error.
std::string run_again(const std::vector<std::string>& words, const std::string& options,
                      int stream) {
    int channel[2];
    if (pipe(channel) != 0) {
        return "";
    }
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, stream == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO);
        close(nowhere);
        dup2(channel[1], stream);
        close(channel[0]);
        close(channel[1]);
        setenv(one_test, "1", 1);
        setenv("WEAVE_OPTIONS", options.c_str(), 1);
        std::vector<char*> arguments;
        for (const std::string& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        execv("/proc/self/exe", arguments.data());
        _exit(exit_usage);
    }
    close(channel[1]);
    std::string text;
    char part[4096];
    for (ssize_t size; (size = read(channel[0], part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(size));
    }
    close(channel[0]);
    waitpid(child, nullptr, 0);
    return text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// The names of the tests, which GoogleTest prints below their suites, and a comment after some.
std::vector<std::string> tests_of(const std::vector<std::string>& words) {
    std::vector<std::string> names;
    std::vector<std::string> asking = words;
    asking.push_back("--gtest_list_tests");
    std::string suite;
    for (const std::string& line : lines_of(run_again(asking, "executions=1", STDOUT_FILENO))) {
        const std::size_t begin = line.find_first_not_of(' ');
        const std::size_t end = line.find(' ', begin == std::string::npos ? 0 : begin);
        if (begin == 0) {
            suite = line.substr(0, end);
        } else if (begin != std::string::npos) {
            names.push_back(suite + line.substr(begin, end - begin));
        }
    }
    std::erase_if(names, [](const std::string& name) {
        return ('.' + name).find(".DISABLED_") != std::string::npos;
    });
    return names;
}

/// The file that the option `json` writes.
class Figures {
  public:
    explicit Figures(const std::string& path) {
        std::ifstream file(path);
        text_.assign(std::istreambuf_iterator<char>(file), {});
    }

    bool is_empty() const { return text_.empty(); }

    /// A number or a word, or a text without its quotation marks.
    std::string operator[](const std::string& name) const {
        const std::string key = "\"" + name + "\": ";
        const std::size_t found = text_.find(key);
        if (found == std::string::npos) {
            return "";
        }
        std::size_t at = found + key.size();
        if (text_[at] != '"') {
            return text_.substr(at, text_.find_first_of(",}", at) - at);
        }
        std::string value;
        for (++at; at < text_.size() && text_[at] != '"'; ++at) {
            constexpr std::size_t escaped = 5;  // of \u and four digits
            if (text_[at] == '\\' && text_[at + 1] == 'u') {
                at += escaped;
                value += ' ';
            } else {
                at += text_[at] == '\\' ? 1 : 0;
                value += text_[at];
            }
        }
        return value;
    }

  private:
    std::string text_;
};

class Driver {
  public:
    explicit Driver(std::vector<std::string> words)
        : words_(std::move(words)), file_("weave-gtest-" + std::to_string(getpid()) + ".json") {}

    int explore_all() {
        const std::vector<std::string> names = tests_of(words_);
        std::size_t width = 0;
        for (const std::string& name : names) {
            width = std::max(width, name.size());
        }
        int status = names.empty() ? exit_usage : 0;
        for (const std::string& name : names) {
            std::printf("%-*s  ", static_cast<int>(width), name.c_str());
            std::fflush(stdout);
            status = std::max(status, explore(name));
        }
        return status;
    }

  private:
    /// Explores a test and prints the rest of its line. Returns its part of the exit status.
    int explore(const std::string& name) {
        const Figures first = figures_of(name, ":executions=1");
        if (first["verdict"] == "ok" && first["threads"] == "1") {
            std::puts("not concurrent");
            return 0;
        }
        const Figures all = figures_of(name, "");
        const std::string verdict = all["verdict"];
        if (verdict == "ok") {
            std::printf("ok: %s executions%s\n", all["executions"].c_str(),
                        all["complete"] == "true" ? ", all of them" : "");
            return 0;
        }
        if (all.is_empty()) {
            std::printf("undecided: %s\n", last_line_.c_str());
            return exit_undecided;
        }
        const bool is_undecided =
            verdict == "limit" || verdict == "unsupported" || verdict == "unrepeatable";
        std::printf("%s: %s\n", is_undecided ? "undecided" : "finding", all["what"].c_str());
        print_replay(name, all["reproduce"]);
        return is_undecided ? exit_undecided : exit_finding;
    }

    Figures figures_of(const std::string& name, const std::string& more) {
        std::remove(file_.c_str());
        const std::vector<std::string> words = words_for(name);
        const std::vector<std::string> lines = lines_of(run_again(
            words, "status=any" + options_given() + more + ":json=" + file_, STDERR_FILENO));
        last_line_ = lines.empty() ? "the program prints nothing" : lines.back();
        Figures figures(file_);
        std::remove(file_.c_str());
        return figures;
    }

    /// Gives the schedule the name of its test. `command` is the whole program's.
    void print_replay(const std::string& name, const std::string& command) {
        constexpr std::string_view option = "replay=";
        const std::size_t begin = command.find(option);
        if (begin == std::string::npos) {
            return;
        }
        const std::size_t file = begin + option.size();
        const std::string schedule = command.substr(file, command.find(' ', file) - file);
        std::string kept = "weave-" + name + ".schedule";
        std::replace(kept.begin(), kept.end(), '/', '-');
        std::rename(schedule.c_str(), kept.c_str());
        std::printf("    reproduce: %s%s", command.substr(0, file).c_str(), kept.c_str());
        for (const std::string& word : words_for(name)) {
            std::printf(" %s", word.c_str());
        }
        std::puts("");
    }

    /// The words that run one test.
    std::vector<std::string> words_for(const std::string& name) const {
        constexpr std::string_view filter = "--gtest_filter=";
        std::vector<std::string> words = words_;
        std::erase_if(words, [&](const std::string& word) { return word.starts_with(filter); });
        words.push_back(std::string(filter) + name);
        return words;
    }

    const std::vector<std::string> words_;
    const std::string file_;
    std::string last_line_;
};

}  // namespace

/// Called by weave before it explores main(); see src/run/program.cpp.
extern "C" int __weave_drive(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    const bool is_listing =
        std::find(words.begin(), words.end(), "--gtest_list_tests") != words.end();
    if (std::getenv(one_test) != nullptr || is_listing ||
        options_given().find(":replay=") != std::string::npos) {
        return -1;
    }
    return Driver(words).explore_all();
}
