// Lists the scenarios of a subject, or searches one of them.
//
//     verify_SUBJECT --list              a line each: name, guarantee, bound, executions, deep
//     verify_SUBJECT NAME [options]      the last line on standard output is a JSON object
//
// Exit status: 0 complete without a finding, 1 a finding, 2 wrong usage, 3 neither.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <weave/weave.h>
#include <CLI/CLI.hpp>

#include "scenario.h"
#include "sim/json.h"

namespace {

constexpr int exit_finding = 1;
constexpr int exit_usage = 2;
constexpr int exit_undecided = 3;

struct Request {
    bool lists = false;
    std::string name;
    std::string replay;
    std::string kept;
    std::string state;
    std::string mode = "exhaustive";
    bool wants_digest = false;
    double seconds = 0;
    uint64_t executions = 0;
    uint64_t seed = 1;
};

void list() {
    for (const verify::Scenario& one : verify::scenarios()) {
        std::printf("%s\t%s\t%s\t%" PRIu64 "\t%d\n", one.name, one.guarantee, one.bound,
                    one.executions, one.is_deep ? 1 : 0);
    }
}

weave::Options options_of(const Request& request) {
    weave::Options options;
    options.mode = request.mode == "exhaustive" ? weave::Mode::exhaustive : weave::Mode::mix;
    options.executions = request.executions;
    options.seconds = request.seconds;
    options.seed = request.seed;
    options.state = request.state;
    options.computes_digest = request.wants_digest;
    if (!request.replay.empty()) {
        std::ifstream file(request.replay);
        options.replay.assign(std::istreambuf_iterator<char>(file), {});
    }
    return options;
}

void keep_schedule(const Request& request, const weave::Result& result) {
    if (!request.kept.empty() && !result.finding.schedule.empty()) {
        std::ofstream(request.kept) << result.finding.schedule;
    }
}

void print(const verify::Scenario& scenario, const weave::Result& result) {
    pto::sim::JsonObject out;
    out.add("name", scenario.name)
        .add("verdict", weave::name_of(result.verdict))
        .add("complete", result.is_complete)
        .add("executions", result.executions)
        .add("seconds", result.seconds)
        .add("steps_min", result.executions == 0 ? 0 : result.steps_min)
        .add("what", result.finding.what)
        .add("digest", result.digest);
    std::printf("%s\n", out.str().c_str());
}

int search(const Request& request, const verify::Scenario& scenario) {
    const weave::Result result = weave::explore(options_of(request), scenario.run);
    keep_schedule(request, result);
    print(scenario, result);
    switch (result.verdict) {
        case weave::Verdict::ok:
            return result.is_complete ? 0 : exit_undecided;
        case weave::Verdict::limit:
        case weave::Verdict::unsupported:
        case weave::Verdict::unrepeatable:
            return exit_undecided;
        default:
            return exit_finding;
    }
}

int run(const Request& request) {
    if (request.lists) {
        list();
        return 0;
    }
    const auto all = verify::scenarios();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& one) { return one.name == request.name; });
    if (found == all.end()) {
        std::fprintf(stderr, "there is no scenario '%s'; --list prints them\n",
                     request.name.c_str());
        return exit_usage;
    }
    return search(request, *found);
}

}  // namespace

int main(int argc, char** argv) {
    Request request;
    CLI::App app("Searches the executions of a bounded scenario of the product.");
    app.add_flag("--list", request.lists, "print the scenarios");
    app.add_option("name", request.name, "the scenario");
    app.add_option("--mode", request.mode, "exhaustive or mix")
        ->check(CLI::IsMember({"exhaustive", "mix"}));
    app.add_flag("--digest", request.wants_digest,
                 "the object has a number for what a complete search has seen");
    app.add_option("--seconds", request.seconds, "at most that long; 0: no limit");
    app.add_option("--executions", request.executions, "at most that many; 0: no limit");
    app.add_option("--seed", request.seed, "of the mix");
    app.add_option("--replay", request.replay, "a schedule to repeat")->check(CLI::ExistingFile);
    app.add_option("--state", request.state,
                   "the file that an exhaustive search is kept in and continues with");
    app.add_option("--keep", request.kept, "the file for the schedule of a finding");
    try {
        app.parse(argc, argv);
        return run(request);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return exit_usage;
    }
}
