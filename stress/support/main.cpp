// stress: runs one job for a while and reports. `./mailproof stress` is the command for people.
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/programs/options.h"
#include "stress/support/job.h"
#include "stress/support/watchdog.h"

// Present in builds with a sanitizer; null in others.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizers' own name.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr uint64_t seconds_max = 1'000'000;

const stress::Run* current_run = nullptr;

/// Adds our last lines to the report of a sanitizer, which ends the program itself.
void print_reproducer() {
    std::fprintf(stderr, "seed: %" PRIu64 "\nreproduce: %s\n", current_run->request().seed,
                 current_run->reproduce().c_str());
}

std::vector<stress::Job> sorted_jobs() {
    std::vector<stress::Job> sorted = stress::jobs();
    std::sort(sorted.begin(), sorted.end(), [](const stress::Job& a, const stress::Job& b) {
        return std::string_view(a.name) < b.name;
    });
    return sorted;
}

int list() {
    for (const stress::Job& job : sorted_jobs()) {
        std::printf("%s\n", job.name);
    }
    return 0;
}

/// The jobs, and what each counts as an operation, for --help.
std::string job_list() {
    std::string text = "Jobs, and what each counts as an operation:\n";
    for (const stress::Job& job : sorted_jobs()) {
        const std::string name = job.name;
        text += "  " + name + std::string(name.size() < 21 ? 21 - name.size() : 1, ' ') +
                job.facts.operation + "\n";
    }
    return text;
}

void add_seconds(CLI::App& app, const std::string& name, std::chrono::seconds& value,
                 const std::string& help) {
    pto::programs::add_number(app, name, value, 1, seconds_max, help);
}

void add_options(CLI::App& app, stress::RunRequest& request) {
    app.add_option("JOB", request.job, "The job to run")->type_name("");
    add_seconds(app, "--seconds", request.duration, "How long it runs (default: 3)");
    pto::programs::add_seed(app, "--seed", request.seed, "Seed of the run (default: a random one)");
    pto::programs::add_text(app, "--json", request.json_file, "FILE", "Writes the figures here");
    app.add_flag("--require-states", request.requires_states,
                 "A state that the job exists to reach and did not reach is a finding");
    add_seconds(app, "--standstill-seconds", request.standstill_max,
                "Finishing no operation for longer is a finding (default: 20)");
    add_seconds(app, "--overtime-seconds", request.overtime_max,
                "Taking longer than --seconds and this is a finding (default: 30)");
}

int run_job(const stress::Job& job, stress::RunRequest request) {
    // Before the job, so that the seed is known even if the run brings the machine down.
    std::printf("%s: %lld s, seed %" PRIu64 "\n", job.name,
                static_cast<long long>(request.duration.count()), request.seed);
    std::fflush(stdout);
    static stress::Run run(std::move(request), job.facts);
    current_run = &run;
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(print_reproducer);
    }
    {
        const stress::Watchdog watchdog(run);
        job.run(run);
    }
    return run.pass();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Runs a job for some seconds. Exit status: 0 ok, 1 a finding, 2 wrong usage.",
                 "stress");
    app.footer(job_list());
    stress::RunRequest request;
    request.seed = std::random_device()();
    add_options(app, request);
    bool is_list_wanted = false;
    app.add_flag("--list", is_list_wanted, "Prints the jobs' names");
    if (const std::optional<int> status = pto::programs::read_options(app, argc, argv)) {
        return *status;
    }
    if (is_list_wanted) {
        return list();
    }
    for (const stress::Job& job : stress::jobs()) {
        if (request.job == job.name) {
            return run_job(job, std::move(request));
        }
    }
    return pto::programs::refuse(app, "JOB: '" + request.job + "' is not one of the jobs");
}
