// A simulated machine: ranks of cores, their completion engines, and time, real or virtual.
//
// In real time, a few worker threads play the cores, each its share of them, and the engines. In
// virtual time there is no such thread: a scheduler thread that has nothing to do plays what is
// due, and when none has anything to do, the clock moves to what is due next, so that waiting takes
// no time, and a run with one scheduler thread is the same every time.
//
// Ranks are schedulers of their own that see one another's memory, as their kernels and engines do.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "caches.h"
#include "core.h"
#include "engine.h"
#include "src/runtime/core_interface.h"
#include "src/runtime/pto_assert.h"
#include "src/runtime/spin_hint.h"

namespace pto::sim {

enum class TimeMode : uint8_t { REAL, VIRTUAL };

struct MachineConfig {
    TimeMode time = TimeMode::REAL;
    uint32_t rank_count = 1;
    /// Clusters of each rank, at most 64.
    uint32_t cluster_count = 4;
    /// Threads that play the cores in real time. None: the caller calls play().
    uint32_t worker_count = 1;
};

/// Hears what happens on a machine. Called by the threads that play the cores, several at once in
/// real time, and by the scheduler threads.
class MachineObserver {
  public:
    virtual void core_event(uint32_t rank, uint32_t core, CoreEvent event,
                            const DispatchPayload& payload, uint64_t now_ns) = 0;
    /// A scheduler thread rang a core's doorbell, with a dispatch id or another word.
    virtual void dispatched(uint32_t rank, uint32_t core, uint32_t id, uint64_t now_ns) = 0;
    /// A thread has nothing to do.
    virtual void idled(uint32_t rank, uint32_t thread, uint64_t now_ns) = 0;
    /// A scheduler thread read a core's word, a new one or the same again.
    virtual void status_read(uint32_t /*rank*/, uint32_t /*core*/, uint32_t /*word*/,
                             uint64_t /*now_ns*/) {}
    /// A subtask that has just finished registered conditions.
    virtual void conditions_left(uint32_t /*rank*/, uint32_t /*count*/, uint64_t /*now_ns*/) {}
    /// Engines ended `count` pieces of work.
    virtual void work_ended(uint32_t /*count*/, uint64_t /*now_ns*/) {}

  protected:
    ~MachineObserver() = default;
};

class Machine;

/// One rank's cores, as its scheduler sees them.
class Rank final : public CoreInterface {
  public:
    Rank(Machine& machine, uint32_t number, uint32_t cluster_count)
        : machine_(machine), number_(number), cores_(size_t{cluster_count} * CORES_PER_CLUSTER) {}

    uint32_t cluster_count() const noexcept override {
        return static_cast<uint32_t>(cores_.size()) / CORES_PER_CLUSTER;
    }
    uint32_t read_status(uint32_t core) noexcept override;
    void ring_doorbell(uint32_t core, uint32_t id) noexcept override;
    DeferredCompletionSlab& slab(uint32_t core, uint32_t parity) noexcept override {
        PTO_ASSERT(core < cores_.size(), core, cores_.size());
        return cores_[core].slab(parity);
    }
    DispatchPayload& payload(uint32_t core, uint32_t parity) noexcept override {
        PTO_ASSERT(core < cores_.size(), core, cores_.size());
        return cores_[core].payload(parity);
    }
    uint64_t now_ns() noexcept override;
    void idle(uint32_t thread) noexcept override;

    /// The caches of the rank's scheduler threads.
    CacheModel& caches() noexcept { return caches_; }

    /// Puts the caches between the scheduler threads and the cores from here on, or takes them
    /// away. To be called when neither is at work.
    void use_caches(bool is_used) {
        for (SimulatedCore& core : cores_) {
            core.share_through(is_used ? &caches_ : nullptr);
        }
    }

    /// In virtual time the clock moves, to what is due next or else towards the watchdog's limit,
    /// only when all threads that take part are idle. Every thread that will call idle() is to be
    /// announced by join(), and leave() ends that.
    void join(uint32_t thread);
    void leave(uint32_t thread);

    /// Ends what a run that did not end well has left on the machine: its cores are as good as new,
    /// and no kernel is called any more. The work of all engines ends at once, so that a word that
    /// another rank waits for is written early and not lost. To be called when no scheduler thread
    /// uses this rank.
    void clear();

  private:
    friend class Machine;

    struct Participant {
        uint32_t thread;
        bool is_idle;
    };

    bool takes_part(uint32_t thread) const {
        return std::any_of(participants_.begin(), participants_.end(),
                           [thread](const Participant& p) { return p.thread == thread; });
    }

    Machine& machine_;
    const uint32_t number_;
    CacheModel caches_;
    std::vector<SimulatedCore> cores_;
    std::vector<Participant> participants_;  ///< guarded by the machine's lock
};

/// The machine. Its threads start with it, and end with it or with stop().
class Machine {
  public:
    /// How far the clock of a machine without anything due moves at once: at first the one, then
    /// twice as far each time up to the other, as all that can come of it is a watchdog's word.
    static constexpr uint64_t virtual_tick_ns = 1'000'000;
    static constexpr uint64_t virtual_tick_max_ns = 128 * virtual_tick_ns;

    explicit Machine(const MachineConfig& config, MachineObserver* observer = nullptr)
        : config_(config), observer_(observer), start_(std::chrono::steady_clock::now()) {
        for (uint32_t i = 0; i < config.rank_count; ++i) {
            ranks_.push_back(std::make_unique<Rank>(*this, i, config.cluster_count));
        }
        if (config.time == TimeMode::REAL) {
            worker_turns_ = std::make_unique<std::mutex[]>(config.worker_count);
            for (uint32_t i = 0; i < config.worker_count; ++i) {
                workers_.emplace_back([this, i] { play_share(i); });
            }
        }
    }
    ~Machine() { stop(); }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    Rank& rank(uint32_t number) noexcept {
        PTO_ASSERT(number < ranks_.size(), number, ranks_.size());
        return *ranks_[number];
    }
    EngineQueue& engines() noexcept { return engines_; }

    uint64_t now_ns() const noexcept {
        if (config_.time == TimeMode::VIRTUAL) {
            // Relaxed: a clock orders nothing.
            return virtual_now_ns_.load(std::memory_order_relaxed);
        }
        const auto since_start = std::chrono::steady_clock::now() - start_;
        return static_cast<uint64_t>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count());
    }

    /// Plays what is due on a machine that has no workers. One thread at a time. Returns whether
    /// there was anything.
    bool play() { return play_due(now_ns()); }

    /// Ends the threads that play the cores; what is running stays unfinished.
    void stop() {
        // Relaxed: the joins order what follows.
        is_stopping_.store(true, std::memory_order_relaxed);
        for (std::thread& worker : workers_) {
            worker.join();
        }
        workers_.clear();
    }

  private:
    friend class Rank;

    /// How long an idle thread of virtual time waits for an event, before it looks whether another
    /// thread has left it something to do.
    static constexpr std::chrono::microseconds idle_pause{100};

    /// Turns without anything to do before a thread lets others have its processor.
    static constexpr uint32_t turns_before_yield = 32;

    void play_share(uint32_t worker) {
        uint32_t idle_turns = 0;
        while (!is_stopping_.load(std::memory_order_relaxed)) {
            idle_turns = play_turn(worker) ? 0 : idle_turns + 1;
            // Relaxed: a thread that wants a pause takes the lock of the turn; this only lets it.
            if (idle_turns > turns_before_yield || is_pausing_.load(std::memory_order_relaxed)) {
                std::this_thread::yield();
            }
        }
    }

    bool play_turn(uint32_t worker) {
        const std::lock_guard lock(worker_turns_[worker]);
        const uint64_t now = now_ns();
        bool has_progress = run_engines(now);
        for (const auto& rank : ranks_) {
            for (size_t i = worker; i < rank->cores_.size(); i += config_.worker_count) {
                has_progress |= step_core(*rank, static_cast<uint32_t>(i), now);
            }
        }
        return has_progress;
    }

    /// Calls `work` while no thread plays cores or engines.
    template <class Work>
    void while_paused(Work&& work) {
        const std::lock_guard lock(mutex_);
        is_pausing_.store(true, std::memory_order_relaxed);
        std::vector<std::unique_lock<std::mutex>> turns;
        for (size_t i = 0; i < workers_.size(); ++i) {
            turns.emplace_back(worker_turns_[i]);
        }
        work();
        is_pausing_.store(false, std::memory_order_relaxed);
    }

    bool run_engines(uint64_t now) {
        const uint32_t ended = engines_.run_due(now);
        if (ended != 0 && observer_ != nullptr) {
            observer_->work_ended(ended, now);
        }
        return ended != 0;
    }

    bool step_core(Rank& rank, uint32_t number, uint64_t now) {
        SimulatedCore& core = rank.cores_[number];
        const CoreEvent event = core.step(now, engines_);
        if (event != CoreEvent::NOTHING && event != CoreEvent::ANSWERED && observer_ != nullptr) {
            tell_of_core(rank.number_, number, event, core, now);
        }
        return event != CoreEvent::NOTHING;
    }

    void tell_of_core(uint32_t rank, uint32_t number, CoreEvent event, const SimulatedCore& core,
                      uint64_t now) {
        observer_->core_event(rank, number, event, core.current(), now);
        if (event == CoreEvent::FINISHED && core.conditions_left() != 0) {
            observer_->conditions_left(rank, core.conditions_left(), now);
        }
    }

    /// Virtual time: plays everything that is due now. If nothing is, and no thread has anything
    /// to do, moves the clock to what is due next.
    void play_next(Rank& rank, uint32_t thread) {
        std::unique_lock lock(mutex_);
        if (play_due(now_ns())) {
            note_event();
            return;
        }
        note_idle(rank, thread);
        if (!all_are_idle()) {
            // Not a yield: the processors are for threads that have something to do.
            event_.wait_for(lock, idle_pause);
            return;
        }
        expect_all();
        const std::optional<uint64_t> next = next_due_ns();
        if (next) {
            PTO_ASSERT(*next >= now_ns(), *next, now_ns());
            virtual_now_ns_.store(*next, std::memory_order_relaxed);
            play_due(*next);
            note_event();
        } else {
            pass_time();
        }
    }

    /// Nothing is due: the clock moves when all threads have been idle a second time. A thread
    /// releases tasks before it idles, and what they make room for is seen in its next turn.
    void pass_time() {
        PTO_ASSERT(virtual_tick_ns <= tick_ns_ && tick_ns_ <= virtual_tick_max_ns, tick_ns_);
        PTO_ASSERT(idle_rounds_ < 2, idle_rounds_);
        if (++idle_rounds_ == 2) {
            idle_rounds_ = 0;
            virtual_now_ns_.store(now_ns() + tick_ns_, std::memory_order_relaxed);
            tick_ns_ = std::min(2 * tick_ns_, virtual_tick_max_ns);
        }
    }

    void note_event() {
        idle_rounds_ = 0;
        tick_ns_ = virtual_tick_ns;
        expect_all();
    }

    bool play_due(uint64_t now) {
        bool has_progress = run_engines(now);
        for (const auto& rank : ranks_) {
            for (uint32_t i = 0; i < rank->cores_.size(); ++i) {
                has_progress |= step_core(*rank, i, now);
            }
        }
        return has_progress;
    }

    std::optional<uint64_t> next_due_ns() const {
        std::optional<uint64_t> next = engines_.next_due_ns();
        for (const auto& rank : ranks_) {
            for (const SimulatedCore& core : rank->cores_) {
                const std::optional<uint64_t> end = core.end_ns();
                if (end && (!next || *end < *next)) {
                    next = end;
                }
            }
        }
        return next;
    }

    static void note_idle(Rank& rank, uint32_t thread) {
        for (Rank::Participant& participant : rank.participants_) {
            participant.is_idle |= participant.thread == thread;
        }
    }

    /// Has every thread that takes part been idle since something happened? Each has had a whole
    /// turn then to see it, however slow it is.
    bool all_are_idle() const {
        return std::all_of(ranks_.begin(), ranks_.end(), [](const auto& rank) {
            return std::all_of(rank->participants_.begin(), rank->participants_.end(),
                               [](const Rank::Participant& p) { return p.is_idle; });
        });
    }

    /// Something has happened: every thread has to look again.
    void expect_all() {
        for (const auto& rank : ranks_) {
            for (Rank::Participant& participant : rank->participants_) {
                participant.is_idle = false;
            }
        }
        event_.notify_all();
    }

    const MachineConfig config_;
    MachineObserver* const observer_;
    const std::chrono::steady_clock::time_point start_;
    std::vector<std::unique_ptr<Rank>> ranks_;
    EngineQueue engines_;
    std::mutex mutex_;
    std::condition_variable event_;       ///< of virtual time
    uint32_t idle_rounds_ = 0;            ///< guarded by the lock, as is the next
    uint64_t tick_ns_ = virtual_tick_ns;  ///< how far the clock moves when nothing is due
    std::atomic<uint64_t> virtual_now_ns_ = 0;
    std::atomic<bool> is_stopping_ = false;
    std::atomic<bool> is_pausing_ = false;
    std::unique_ptr<std::mutex[]> worker_turns_;  ///< each held by its worker while it plays
    std::vector<std::thread> workers_;
};

inline uint32_t Rank::read_status(uint32_t core) noexcept {
    PTO_ASSERT(core < cores_.size(), core, cores_.size());
    const uint32_t word = cores_[core].read_status();
    if (machine_.observer_ != nullptr) {
        machine_.observer_->status_read(number_, core, word, machine_.now_ns());
    }
    return word;
}

inline void Rank::ring_doorbell(uint32_t core, uint32_t id) noexcept {
    PTO_ASSERT(core < cores_.size(), core, cores_.size());
    PTO_ASSERT(is_dispatch_id(id) || id == AICORE_DOORBELL_EXIT || id == AICORE_DOORBELL_IDLE, core,
               id);
    if (machine_.observer_ != nullptr) {
        machine_.observer_->dispatched(number_, core, id, machine_.now_ns());
    }
    cores_[core].ring_doorbell(id);
}

inline uint64_t Rank::now_ns() noexcept { return machine_.now_ns(); }

inline void Rank::idle(uint32_t thread) noexcept {
    if (machine_.observer_ != nullptr) {
        machine_.observer_->idled(number_, thread, machine_.now_ns());
    }
    if (machine_.config_.time == TimeMode::VIRTUAL) {
        machine_.play_next(*this, thread);
    } else {
        std::this_thread::yield();
    }
}

inline void Rank::join(uint32_t thread) {
    const std::lock_guard lock(machine_.mutex_);
    PTO_ASSERT(!takes_part(thread), number_, thread);
    participants_.push_back({thread, false});
}

inline void Rank::leave(uint32_t thread) {
    const std::lock_guard lock(machine_.mutex_);
    PTO_ASSERT(takes_part(thread), number_, thread);
    std::erase_if(participants_, [thread](const Participant& p) { return p.thread == thread; });
    machine_.event_.notify_all();
}

inline void Rank::clear() {
    machine_.while_paused([this] {
        for (SimulatedCore& core : cores_) {
            core.reset();
        }
        machine_.engines_.run_due(~uint64_t{0});
    });
}

}  // namespace pto::sim
