// One thread of a job: its choices, its pauses, and what it writes down about itself.
//
// The report of a failure and the watchdog read these numbers while the thread runs, so all are
// atomics; they have one writer each and order nothing.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "stress/support/latency_histogram.h"
#include "stress/support/random.h"

namespace stress {

using Clock = std::chrono::steady_clock;

/// States that a job may name.
inline constexpr uint32_t states_max = 8;

/// A thread's place. Places are used again in every round, and their counts continue. All functions
/// are for the thread itself, except those that say otherwise.
class alignas(64) Worker {
  public:
    /// Makes the place one of a thread that is about to start. Called by the thread that starts it.
    void begin(const char* role, uint32_t index, Random random) {
        role_.store(role, std::memory_order_relaxed);
        index_.store(index, std::memory_order_relaxed);
        random_ = random;
        at("start");
    }
    void end() { at(nullptr); }

    Random& random() { return random_; }

    /// Names what the thread does from now on, for the watchdog. `operation` must live forever.
    void at(const char* operation) { operation_.store(operation, std::memory_order_relaxed); }

    /// Counts operations that are done. To the watchdog, counts that do not change are a hang.
    void done(uint64_t count = 1) { add(operations_, count); }

    /// Counts one operation and its latency, from `begin` to now.
    void done_since(Clock::time_point begin) {
        latency_.record(static_cast<uint64_t>((Clock::now() - begin).count()));
        done();
    }

    /// Counts operations that were done together, and as the latency of each its share of `all`.
    void done_in(Clock::duration all, uint64_t count) {
        if (count != 0) {
            latency_.record(static_cast<uint64_t>(all.count()) / count);
            done(count);
        }
    }

    /// Counts pushes that met a full ring.
    void met_full_ring(uint64_t pushes = 1) { add(full_pushes_, pushes); }

    /// Counts that one of the job's states was reached; an index into JobFacts::states.
    void reached(uint32_t state) { add(reached_[state], 1); }

    /// Keeps the deepest backlog.
    void saw_backlog(uint64_t waiting) {
        if (waiting > backlog_max_.load(std::memory_order_relaxed)) {
            backlog_max_.store(waiting, std::memory_order_relaxed);
        }
    }

    /// The delay between two operations: mostly none, sometimes a few instructions, seldom a turn
    /// of the system's scheduler, and rarely a sleep.
    void pause() {
        const uint32_t choice = random_.below(64);
        if (choice == 0 && random_.one_in(8)) {
            std::this_thread::sleep_for(std::chrono::microseconds(random_.between(1, 50)));
        } else if (choice < 2) {
            std::this_thread::yield();
        } else if (choice < 16) {
            spin(random_.below(200));
        }
    }

    /// What to do before trying again what did not work: another thread gets the processor, soon
    /// for longer, because on few processors only that thread can change something.
    void back_off(uint32_t attempts) {
        if (attempts < 4) {
            spin(random_.below(200));
        } else if (attempts < 64) {
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
    }

    /// Waits until `holds()`; the operation `what` is named meanwhile.
    template <class Predicate>
    void wait_for(const char* what, Predicate&& holds) {
        at(what);
        for (uint32_t attempts = 0; !holds(); ++attempts) {
            back_off(attempts);
        }
    }

    // For any thread, at any time.
    const char* role() const { return role_.load(std::memory_order_relaxed); }
    uint32_t index() const { return index_.load(std::memory_order_relaxed); }
    /// Null when no thread has the place.
    const char* operation() const { return operation_.load(std::memory_order_relaxed); }
    uint64_t operations() const { return operations_.load(std::memory_order_relaxed); }
    uint64_t full_pushes() const { return full_pushes_.load(std::memory_order_relaxed); }
    uint64_t backlog_max() const { return backlog_max_.load(std::memory_order_relaxed); }
    uint64_t times_reached(uint32_t state) const {
        return reached_[state].load(std::memory_order_relaxed);
    }
    const LatencyHistogram& latency() const { return latency_; }

  private:
    static void add(std::atomic<uint64_t>& count, uint64_t more) {
        // Relaxed load and store instead of an increment: this thread is the only writer.
        count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }

    static void spin(uint32_t turns) {
        for (uint32_t i = 0; i < turns; ++i) {
            asm volatile("" ::: "memory");  // keeps the loop
        }
    }

    std::atomic<const char*> role_{""};
    std::atomic<const char*> operation_{nullptr};
    std::atomic<uint32_t> index_{0};
    std::atomic<uint64_t> operations_{0};
    std::atomic<uint64_t> full_pushes_{0};
    std::atomic<uint64_t> backlog_max_{0};
    std::array<std::atomic<uint64_t>, states_max> reached_{};
    Random random_{0};
    LatencyHistogram latency_;
};

}  // namespace stress
