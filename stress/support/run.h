// One run of one job: its time, its seed, its threads' places, and how it ends.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stress/support/random.h"
#include "stress/support/verdict.h"
#include "stress/support/worker.h"

namespace stress {

/// What a run was asked to do.
struct RunRequest {
    std::string job;
    uint64_t seed = 0;
    std::chrono::seconds duration{3};
    /// No operation of any thread for this long is a hang.
    std::chrono::seconds standstill_max{20};
    /// What a run may take beyond its time, for threads to end and checks to be made.
    std::chrono::seconds overtime_max{30};
    std::string json_file;  ///< where the figures go too; empty: nowhere
    /// Has up to 1,000 rounds to reach the job's states, and a state that is not reached then is a
    /// finding.
    bool requires_states = false;
};

/// What a reader of a job's figures needs to know, and what the job exists for.
struct JobFacts {
    const char* operation;  ///< what is counted, and what its latency is
    /// What the job exists to bring about; Worker::reached() counts it. At most states_max.
    std::vector<const char*> states;
};

/// What a run measured.
struct Figures {
    uint64_t operations = 0;
    double seconds = 0;
    uint64_t latency_ns_p50 = 0;
    uint64_t latency_ns_p99 = 0;
    uint64_t latency_ns_p999 = 0;
    uint64_t backlog_max = 0;
    uint64_t full_pushes = 0;
    uint64_t memory_bytes_start = 0;
    uint64_t memory_bytes_end = 0;
};

/// Threads that one round may have.
inline constexpr uint32_t workers_max = 64;

/// A run. A job works in rounds: `while (run.next_round()) {...}`; what a round builds, it takes
/// down and checks before it ends. next_round(), random() and pass() are for the thread that the
/// job was called on, the others for any thread.
class Run {
  public:
    Run(RunRequest wanted, JobFacts job_facts);

    const RunRequest& request() const { return request_; }

    /// Begins the next round; false once the time is up. The first round always takes place.
    bool next_round();

    /// True once the time is up: rounds end early, with all that has to be checked at their end.
    bool time_is_up() const {
        // Relaxed: it ends loops and orders nothing.
        return time_is_up_.load(std::memory_order_relaxed);
    }

    uint64_t round() const { return round_.load(std::memory_order_relaxed); }

    /// The choices of stream `stream` in this round.
    Random random(uint64_t stream) const { return Random{request_.seed, round(), stream}; }

    Worker& worker(uint32_t place) { return workers_[place]; }

    /// The place of the thread that the job was called on.
    Worker& own() { return workers_[workers_max]; }

    /// All operations so far.
    uint64_t operations() const;

    /// A state that the job exists to reach and has not reached yet; null when there is none.
    const char* unreached_state() const;

    /// Calls `diagnose` when the run fails with a hang, from the thread that says so, and prints
    /// what it returns; empty: no more. What it uses must live until the next call.
    void diagnose_with(std::function<std::string()> diagnose);

    /// Prints what went wrong, where every thread was, and the command that repeats the run; ends
    /// the program with status 1. The first call counts, from whichever thread. The format is
    /// printf's.
    [[noreturn]] void fail(Verdict verdict, const char* format, ...)
        __attribute__((format(printf, 3, 4)));

    /// Ends a run in which nothing was wrong: prints its figures, and looks at the states if asked
    /// to. Returns the exit status.
    int pass();

    /// One command that repeats this run.
    std::string reproduce() const;

    // The watchdog's side.
    Clock::time_point deadline() const { return deadline_; }
    void end_time() { time_is_up_.store(true, std::memory_order_relaxed); }

  private:
    uint64_t times_reached(uint32_t state) const;
    Figures figures() const;
    void print_whereabouts() const;
    void print_diagnosis();
    void print_figures(const Figures& figures) const;
    bool write_json(Verdict verdict, const Figures& figures) const;

    static constexpr uint32_t places = workers_max + 1;

    const RunRequest request_;
    const JobFacts facts_;
    const Clock::time_point start_ = Clock::now();
    const Clock::time_point deadline_ = start_ + request_.duration;
    std::atomic<uint64_t> round_{0};
    std::atomic<bool> time_is_up_{false};
    std::atomic<bool> has_failed_{false};
    std::mutex diagnose_mutex_;
    std::function<std::string()> diagnose_;  ///< guarded by the mutex
    std::atomic<uint64_t> memory_bytes_start_;
    const std::unique_ptr<Worker[]> workers_ = std::make_unique<Worker[]>(places);
};

}  // namespace stress
