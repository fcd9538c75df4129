// How a run counts, and how it ends; see the header.
#include "stress/support/run.h"

#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "sim/json.h"

namespace stress {
namespace {

using pto::sim::JsonObject;

constexpr int exit_ok = 0;
constexpr int exit_finding = 1;
constexpr int exit_usage = 2;

/// The memory that this process has in use (resident), in bytes; 0 when the system does not say.
uint64_t resident_bytes() {
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) {
        return 0;
    }
    uint64_t pages_mapped = 0;
    uint64_t pages_resident = 0;
    const int fields = std::fscanf(file, "%" SCNu64 " %" SCNu64, &pages_mapped, &pages_resident);
    std::fclose(file);
    return fields == 2 ? pages_resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

Run::Run(RunRequest wanted, JobFacts job_facts)
    : request_(std::move(wanted)),
      facts_(std::move(job_facts)),
      memory_bytes_start_(resident_bytes()) {
    if (facts_.states.size() > states_max) {
        std::abort();
    }
    own().begin("the job's own thread", 0, random(0));
    own().end();
}

bool Run::next_round() {
    if (round() == 1) {
        // After the first round, because before it most pages have never been touched.
        memory_bytes_start_.store(resident_bytes(), std::memory_order_relaxed);
    }
    if (round() != 0 && time_is_up()) {
        return false;
    }
    round_.store(round() + 1, std::memory_order_relaxed);
    return true;
}

uint64_t Run::operations() const {
    uint64_t total = 0;
    for (uint32_t i = 0; i < places; ++i) {
        total += workers_[i].operations();
    }
    return total;
}

const char* Run::unreached_state() const {
    for (uint32_t state = 0; state < facts_.states.size(); ++state) {
        if (times_reached(state) == 0) {
            return facts_.states[state];
        }
    }
    return nullptr;
}

uint64_t Run::times_reached(uint32_t state) const {
    uint64_t total = 0;
    for (uint32_t i = 0; i < places; ++i) {
        total += workers_[i].times_reached(state);
    }
    return total;
}

void Run::fail(Verdict verdict, const char* format, ...) {
    // Relaxed: it only decides who speaks. The others wait for the end of the program.
    if (has_failed_.exchange(true, std::memory_order_relaxed)) {
        for (;;) {
            pause();
        }
    }
    const Figures found = figures();
    std::fprintf(stderr, "FINDING %s: %s: ", request_.job.c_str(), name(verdict));
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fprintf(stderr,
                 "\nround %" PRIu64 ", %.1f s after the start, %" PRIu64 " operations done\n",
                 round(), found.seconds, found.operations);
    print_whereabouts();
    if (verdict == Verdict::hang) {
        print_diagnosis();
    }
    std::fprintf(stderr, "seed: %" PRIu64 "\nreproduce: %s\n", request_.seed, reproduce().c_str());
    write_json(verdict, found);
    std::fflush(stderr);
    // Without destructors: other threads are still running.
    std::_Exit(exit_finding);
}

void Run::diagnose_with(std::function<std::string()> diagnose) {
    const std::lock_guard lock(diagnose_mutex_);
    diagnose_ = std::move(diagnose);
}

void Run::print_diagnosis() {
    const std::lock_guard lock(diagnose_mutex_);
    if (diagnose_) {
        std::fputs(diagnose_().c_str(), stderr);
    }
}

int Run::pass() {
    const Figures measured = figures();
    const char* const unreached = request_.requires_states ? unreached_state() : nullptr;
    if (unreached != nullptr) {
        fail(Verdict::unreached, "%s: never reached", unreached);
    }
    print_figures(measured);
    return write_json(Verdict::ok, measured) ? exit_ok : exit_usage;
}

std::string Run::reproduce() const {
    return "./mailproof stress " + request_.job + " --build " STRESS_BUILD " --seconds " +
           std::to_string(request_.duration.count()) + " --seed " + std::to_string(request_.seed);
}

Figures Run::figures() const {
    Figures all;
    const auto latency = std::make_unique<LatencyHistogram>();
    for (uint32_t i = 0; i < places; ++i) {
        const Worker& worker = workers_[i];
        latency->merge(worker.latency());
        all.full_pushes += worker.full_pushes();
        all.backlog_max = std::max(all.backlog_max, worker.backlog_max());
    }
    all.operations = operations();
    all.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    all.latency_ns_p50 = latency->quantile_ns(0.5);
    all.latency_ns_p99 = latency->quantile_ns(0.99);
    all.latency_ns_p999 = latency->quantile_ns(0.999);
    all.memory_bytes_start = memory_bytes_start_.load(std::memory_order_relaxed);
    all.memory_bytes_end = resident_bytes();
    return all;
}

void Run::print_whereabouts() const {
    for (uint32_t i = 0; i < places; ++i) {
        const Worker& worker = workers_[i];
        if (const char* const operation = worker.operation()) {
            std::fprintf(stderr, "  %s %" PRIu32 ": at %s, %" PRIu64 " operations done\n",
                         worker.role(), worker.index(), operation, worker.operations());
        }
    }
}

void Run::print_figures(const Figures& figures) const {
    std::printf("%s: ok, %" PRIu64 " operations in %.1f s (%.0f per second), %" PRIu64
                " rounds, seed %" PRIu64 "\n",
                request_.job.c_str(), figures.operations, figures.seconds,
                static_cast<double>(figures.operations) / figures.seconds, round(), request_.seed);
    std::printf("  latency p50 %" PRIu64 " ns, p99 %" PRIu64 " ns, p99.9 %" PRIu64 " ns\n",
                figures.latency_ns_p50, figures.latency_ns_p99, figures.latency_ns_p999);
    std::printf("  deepest backlog %" PRIu64 ", pushes that met a full ring %" PRIu64
                ", memory %" PRIu64 " KB at the start and %" PRIu64 " KB at the end\n",
                figures.backlog_max, figures.full_pushes, figures.memory_bytes_start / 1024,
                figures.memory_bytes_end / 1024);
    for (uint32_t state = 0; state < facts_.states.size(); ++state) {
        std::printf("  %s: %" PRIu64 "\n", facts_.states[state], times_reached(state));
    }
}

bool Run::write_json(Verdict verdict, const Figures& figures) const {
    if (request_.json_file.empty()) {
        return true;
    }
    std::FILE* const file = std::fopen(request_.json_file.c_str(), "w");
    if (file == nullptr) {
        std::fprintf(stderr, "stress: cannot write %s\n", request_.json_file.c_str());
        return false;
    }
    const std::string json =
        JsonObject()
            .add("name", request_.job)
            .add("build", STRESS_BUILD)
            .add("verdict", name(verdict))
            .add("operations", figures.operations)
            .add("seconds", figures.seconds)
            .add("operations_per_second", static_cast<double>(figures.operations) / figures.seconds)
            .add("latency_ns_p50", figures.latency_ns_p50)
            .add("latency_ns_p99", figures.latency_ns_p99)
            .add("latency_ns_p999", figures.latency_ns_p999)
            .add("backlog_max", figures.backlog_max)
            .add("full_pushes", figures.full_pushes)
            .add("memory_bytes_start", figures.memory_bytes_start)
            .add("memory_bytes_end", figures.memory_bytes_end)
            .add("seed", request_.seed)
            .str();
    std::fprintf(file, "%s\n", json.c_str());
    return std::fclose(file) == 0;
}

}  // namespace stress
