// Whole programs: main() is explored again and again, as WEAVE_OPTIONS says.
//
// Linked with --wrap=main. The last line on standard error is
//     weave: VERDICT executions=N complete=yes|no seconds=S
// and the exit status 66 for a finding, 65 for `limit` and `unsupported`, 2 for wrong options, and
// otherwise the program's own.
#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <weave/weave.h>

extern "C" int __real_main(int argc, char** argv, char** environment);

namespace weave {

namespace {

constexpr int exit_finding = 66;
constexpr int exit_undecided = 65;
constexpr int exit_usage = 2;

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "weave: WEAVE_OPTIONS: %s\n", why.c_str());
    std::_Exit(exit_usage);
}

struct Request {
    Options options;
    std::string json;
    std::string trace;
};

uint64_t to_number(const std::string& name, const std::string& value) {
    char* end = nullptr;
    const unsigned long long number = std::strtoull(value.c_str(), &end, 10);
    if (value.empty() || *end != '\0' || value[0] == '-') {
        refuse(name + "=" + value + " is not a whole number");
    }
    return number;
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
    refuse("mode=" + value + ": there are random, pct, starve and exhaustive");
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        refuse("cannot read " + path);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

void take(Request& request, const std::string& name, const std::string& value) {
    Options& options = request.options;
    if (name == "mode") {
        options.mode = to_mode(value);
    } else if (name == "executions") {
        options.executions = to_number(name, value);
    } else if (name == "seconds") {
        options.seconds = static_cast<double>(to_number(name, value));
    } else if (name == "seed") {
        options.seed = to_number(name, value);
    } else if (name == "depth") {
        options.depth = static_cast<uint32_t>(to_number(name, value));
    } else if (name == "preemptions") {
        options.preemptions = static_cast<int32_t>(to_number(name, value));
    } else if (name == "steps") {
        options.steps_max = static_cast<uint32_t>(to_number(name, value));
    } else if (name == "memory" && (value == "c20" || value == "sc")) {
        options.memory = value == "sc" ? Memory::sc : Memory::c20;
    } else if (name == "continue" && (value == "0" || value == "1")) {
        options.continues = value == "1";
    } else if (name == "replay") {
        options.replay = read_file(value);
    } else if (name == "trace") {
        request.trace = value;
    } else if (name == "json") {
        request.json = value;
    } else {
        refuse("there is no " + name + "=" + value);
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

std::string json_of(const Result& result) {
    char text[256];
    std::snprintf(text, sizeof text,
                  "{\"verdict\": \"%s\", \"executions\": %" PRIu64
                  ", \"complete\": %s, \"seconds\": %.3f, \"steps\": %" PRIu64
                  ", \"backlog_max\": %" PRIu64 "}\n",
                  name_of(result.verdict), result.executions, result.is_complete ? "true" : "false",
                  result.seconds, result.steps, result.backlog_max);
    return text;
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

/// Keeps the schedule of a finding in the current folder, and says how to run it again. Whoever
/// started the program in another way than by its name tells by WEAVE_REPLAY, before the file's
/// name.
void keep_schedule(const Result& result, const char* program) {
    if (result.finding.schedule.empty()) {
        return;
    }
    const std::string file = std::string("weave-") + name_of(result.verdict) + "-" +
                             std::to_string(result.first_finding) + ".schedule";
    write_file(file, result.finding.schedule);
    const char* const command = std::getenv("WEAVE_REPLAY");
    if (command != nullptr) {
        std::fprintf(stderr, "reproduce: %s replay=%s\n", command, file.c_str());
    } else {
        std::fprintf(stderr, "reproduce: WEAVE_OPTIONS=replay=%s %s\n", file.c_str(), program);
    }
}

/// The program's output is shown for the first execution only.
class FirstOutput {
  public:
    void after_execution() {
        std::fflush(stdout);
        if (kept_ < 0) {
            kept_ = dup(STDOUT_FILENO);
            const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
            dup2(nowhere, STDOUT_FILENO);
            close(nowhere);
        }
    }

  private:
    int kept_ = -1;
};

int run(int argc, char** argv, char** environment) {
    Request request = request_from(std::getenv("WEAVE_OPTIONS"));
    request.options.restores_variables = true;
    int own_status = 0;
    FirstOutput output;
    const Result result = explore(
        request.options, [&] { own_status = __real_main(argc, argv, environment); },
        [&](Verdict) { output.after_execution(); });
    write_file(request.trace, result.finding.report);
    write_file(request.json, json_of(result));
    if (request.options.replay.empty()) {
        keep_schedule(result, argv[0]);
    }
    std::fprintf(stderr, "weave: %s executions=%" PRIu64 " complete=%s seconds=%.2f\n",
                 name_of(result.verdict), result.executions, result.is_complete ? "yes" : "no",
                 result.seconds);
    return status_of(result.verdict, own_status);
}

}  // namespace

}  // namespace weave

extern "C" int __wrap_main(int argc, char** argv, char** environment) {
    const int status = weave::run(argc, argv, environment);
    std::fflush(nullptr);
    std::_Exit(status);
}
