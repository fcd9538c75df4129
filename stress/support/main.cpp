// stress: runs one job for a while and reports. `./mailproof stress` is the command for people.
#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "stress/support/job.h"
#include "stress/support/watchdog.h"

// Present in builds with a sanitizer; null in others.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizers' own name.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr int exit_usage = 2;
constexpr uint64_t seconds_max = 1'000'000;

const stress::Run* current_run = nullptr;

/// Adds our last lines to the report of a sanitizer, which ends the program itself.
void print_reproducer() {
    std::fprintf(stderr, "seed: %" PRIu64 "\nreproduce: %s\n", current_run->request().seed,
                 current_run->reproduce().c_str());
}

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "stress: %s (see stress --help)\n", why.c_str());
    std::exit(exit_usage);
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

int help() {
    std::printf(
        "stress JOB [--seconds N] [--seed S] [--json FILE] [--require-states]\n"
        "           [--standstill-seconds N] [--overtime-seconds N]\n"
        "stress --list\n\n"
        "Runs a job for N seconds (default: 3). Exit status: 0 ok, 1 a finding, 2 wrong usage.\n"
        "It is a finding too when no thread finishes an operation for the standstill's seconds\n"
        "(default: 20), or the run takes longer than its time and the overtime (default: 30);\n"
        "with --require-states, when a state that the job exists to reach was not reached.\n\n"
        "Jobs, and what each counts as an operation:\n");
    for (const stress::Job& job : sorted_jobs()) {
        std::printf("  %-20s %s\n", job.name, job.facts.operation);
    }
    return 0;
}

uint64_t number(std::string_view option, std::string_view text, uint64_t first, uint64_t last) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < first || value > last) {
        refuse(std::string(option) + ": '" + std::string(text) + "' is not a number from " +
               std::to_string(first) + " to " + std::to_string(last));
    }
    return value;
}

std::chrono::seconds seconds(std::string_view option, std::string_view text) {
    return std::chrono::seconds(number(option, text, 1, seconds_max));
}

void set(stress::RunRequest& request, std::string_view option, std::string_view value) {
    if (option == "--seconds") {
        request.duration = seconds(option, value);
    } else if (option == "--seed") {
        request.seed = number(option, value, 0, UINT64_MAX);
    } else if (option == "--json") {
        request.json_file = value;
    } else if (option == "--standstill-seconds") {
        request.standstill_max = seconds(option, value);
    } else if (option == "--overtime-seconds") {
        request.overtime_max = seconds(option, value);
    } else {
        refuse(std::string(option) + ": unknown option");
    }
}

stress::RunRequest read_request(int argc, char** argv) {
    stress::RunRequest request;
    request.job = argv[1];
    request.seed = std::random_device()();
    for (int i = 2; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--require-states") {
            request.requires_states = true;
        } else if (++i == argc) {
            refuse(option + ": unknown, or lacks its value");
        } else {
            set(request, option, argv[i]);
        }
    }
    return request;
}

int run_job(const stress::Job& job, stress::RunRequest request) {
    // Before the job, so that a run that ends the machine has printed its seed.
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
    if (argc < 2) {
        refuse("no job named");
    }
    const std::string_view first = argv[1];
    if (first == "--help") {
        return help();
    }
    if (first == "--list") {
        return list();
    }
    stress::RunRequest request = read_request(argc, argv);
    for (const stress::Job& job : stress::jobs()) {
        if (request.job == job.name) {
            return run_job(job, std::move(request));
        }
    }
    refuse("unknown job '" + request.job + "'");
}
