// Watches a machine and makes a timeline of what its cores and its scheduler threads did.
//
// A rank is a process of the trace. It has a track for each scheduler thread, with the spans in
// which the thread dispatched or saw a FIN; one for each core, with its subtasks; and the depth of
// its mailbox. The engines are a process of their own, with the conditions that do not hold yet.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "machine.h"
#include "src/runtime/core_register.h"
#include "src/runtime/pto_assert.h"
#include "trace_json.h"

namespace pto::sim {

struct TraceConfig {
    uint32_t rank_count = 1;
    uint32_t cluster_count = 4;
    /// Scheduler threads of each rank.
    uint32_t thread_count = 1;
    /// Events that are kept; what comes after is counted.
    size_t events_max = 1'000'000;
};

/// Records a run. What the machine and its schedulers call may be called by any of their threads;
/// watch_mailboxes() comes before the run, write() and what follows it after, when all threads have
/// returned and the machine has stopped.
class Trace final : public MachineObserver {
  public:
    /// What people call the kernel at an address.
    using Namer = std::function<std::string(uint64_t kernel_addr)>;
    /// How many messages are in a rank's mailbox. Called by its scheduler threads.
    using DepthReader = std::function<uint64_t(uint32_t rank)>;

    explicit Trace(const TraceConfig& config)
        : config_(config),
          cores_(size_t{config.rank_count} * config.cluster_count * CORES_PER_CLUSTER),
          threads_(size_t{config.rank_count} * config.thread_count),
          depths_(config.rank_count) {}

    void watch_mailboxes(DepthReader read_depth) { read_depth_ = std::move(read_depth); }

    void core_event(uint32_t rank, uint32_t core, CoreEvent event, const DispatchPayload& payload,
                    uint64_t now_ns) override {
        Subtask& subtask = core_of(rank, core).subtask;
        if (event == CoreEvent::STARTED) {
            subtask = {true, now_ns, payload.kernel_addr, payload.block_index, payload.block_num};
        } else if (event == CoreEvent::FINISHED) {
            PTO_ASSERT(subtask.is_running && now_ns >= subtask.start_ns, rank, core);
            keep(subtask_event(Event::Kind::SUBTASK, rank, core, subtask, now_ns));
            subtask.is_running = false;
        }
    }

    void dispatched(uint32_t rank, uint32_t core, uint32_t id, uint64_t now_ns) override {
        if (is_dispatch_id(id)) {
            ++busy_of(rank, core, now_ns).dispatches;
        }
        note_depth(rank, now_ns);
    }

    void status_read(uint32_t rank, uint32_t core, uint32_t word, uint64_t now_ns) override {
        uint32_t& last_word = core_of(rank, core).last_word;
        if (word != last_word) {
            const uint32_t fins = fins_between(CoreWord::of(last_word), CoreWord::of(word));
            last_word = word;
            if (fins != 0) {
                busy_of(rank, core, now_ns).fins += fins;
            }
        }
        note_depth(rank, now_ns);
    }

    void idled(uint32_t rank, uint32_t thread, uint64_t now_ns) override {
        PTO_ASSERT(rank < config_.rank_count, rank, config_.rank_count);
        if (thread >= config_.thread_count) {
            return;
        }
        note_depth(rank, now_ns);
        Busy& busy = threads_[size_t{rank} * config_.thread_count + thread];
        if (busy.is_busy) {
            keep(busy_event(rank, thread, busy, now_ns));
            busy = {};
        }
    }

    void conditions_left(uint32_t rank, uint32_t count, uint64_t now_ns) override {
        keep({.kind = Event::Kind::CONDITIONS, .rank = rank, .start_ns = now_ns, .first = count});
    }

    void work_ended(uint32_t count, uint64_t now_ns) override {
        keep({.kind = Event::Kind::CONDITIONS, .start_ns = now_ns, .first = -int64_t{count}});
    }

    /// Events that there was no room for.
    uint64_t left_out() const noexcept { return left_out_; }

    /// Writes what was recorded, by time. What has not ended by now ends with the last event.
    void write(std::ostream& out, const Namer& name_of) {
        end_what_is_open();
        std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
            return a.start_ns != b.start_ns ? a.start_ns < b.start_ns : a.number < b.number;
        });
        TraceWriter writer(out);
        write_names(writer);
        int64_t conditions = 0;
        for (const Event& event : events_) {
            write_event(writer, event, name_of, conditions);
        }
        if (left_out_ != 0) {
            writer.instant("the trace is full: " + std::to_string(left_out_) + " events left out",
                           last_ns());
        }
        writer.finish();
    }

  private:
    struct Event {
        enum class Kind : uint8_t { SUBTASK, UNFINISHED_SUBTASK, BUSY, CONDITIONS, MAILBOX };

        Kind kind;
        uint32_t rank = 0;
        uint32_t track = 0;
        uint64_t start_ns = 0;
        uint64_t duration_ns = 0;
        uint64_t kernel_addr = 0;
        /// Block and number of blocks; dispatches and FINs; a change of a count; a count.
        int64_t first = 0;
        int64_t second = 0;
        uint64_t number = 0;  ///< of all events, in the order in which they were kept
    };

    /// What a core is doing. Written by the thread that plays it.
    struct Subtask {
        bool is_running = false;
        uint64_t start_ns = 0;
        uint64_t kernel_addr = 0;
        int32_t block = 0;
        int32_t block_num = 0;
    };

    struct alignas(PTO2_ALIGN_SIZE) Core {
        Subtask subtask;
        uint32_t last_word = AICORE_STATUS_IDLE;  ///< written by the core's scheduler thread
    };

    /// What a scheduler thread has done since it was idle. Written by that thread.
    struct alignas(PTO2_ALIGN_SIZE) Busy {
        bool is_busy = false;
        uint64_t start_ns = 0;
        uint64_t last_ns = 0;
        int64_t dispatches = 0;
        int64_t fins = 0;
    };

    /// How many tasks of a core have finished from one word that was read to the next. Of two words
    /// with different ids, the first of which is an ACK, the second hides a FIN.
    static uint32_t fins_between(CoreWord before, CoreWord after) noexcept {
        const bool has_hidden =
            is_dispatch_id(before.id) && !before.is_fin && before.id != after.id;
        return (after.is_fin && is_dispatch_id(after.id) ? 1u : 0u) + (has_hidden ? 1u : 0u);
    }

    Core& core_of(uint32_t rank, uint32_t core) noexcept {
        PTO_ASSERT(rank < config_.rank_count && core < config_.cluster_count * CORES_PER_CLUSTER,
                   rank, core);
        return cores_[size_t{rank} * config_.cluster_count * CORES_PER_CLUSTER + core];
    }

    /// The thread that a core belongs to, which is busy now: clusters are dealt out to the
    /// scheduler's threads in turn.
    Busy& busy_of(uint32_t rank, uint32_t core, uint64_t now_ns) noexcept {
        const uint32_t thread = core / CORES_PER_CLUSTER % config_.thread_count;
        Busy& busy = threads_[size_t{rank} * config_.thread_count + thread];
        if (!busy.is_busy) {
            busy.is_busy = true;
            busy.start_ns = now_ns;
        }
        busy.last_ns = now_ns;
        return busy;
    }

    static Event subtask_event(Event::Kind kind, uint32_t rank, uint32_t core,
                               const Subtask& subtask, uint64_t end_ns) noexcept {
        return {.kind = kind,
                .rank = rank,
                .track = core,
                .start_ns = subtask.start_ns,
                .duration_ns = end_ns - subtask.start_ns,
                .kernel_addr = subtask.kernel_addr,
                .first = subtask.block,
                .second = subtask.block_num};
    }

    static Event busy_event(uint32_t rank, uint32_t thread, const Busy& busy,
                            uint64_t end_ns) noexcept {
        return {.kind = Event::Kind::BUSY,
                .rank = rank,
                .track = thread,
                .start_ns = busy.start_ns,
                .duration_ns = end_ns - busy.start_ns,
                .first = busy.dispatches,
                .second = busy.fins};
    }

    void note_depth(uint32_t rank, uint64_t now_ns) {
        if (!read_depth_) {
            return;
        }
        const uint64_t depth = read_depth_(rank);
        // Relaxed: a filter of what has not changed.
        if (depths_[rank].exchange(depth, std::memory_order_relaxed) != depth) {
            keep({.kind = Event::Kind::MAILBOX,
                  .rank = rank,
                  .start_ns = now_ns,
                  .first = static_cast<int64_t>(depth)});
        }
    }

    void keep(const Event& event) {
        const std::lock_guard lock(mutex_);
        if (events_.size() < config_.events_max) {
            events_.push_back(event);
            events_.back().number = events_.size();
        } else {
            ++left_out_;
        }
    }

    uint64_t last_ns() const noexcept {
        uint64_t last = 0;
        for (const Event& event : events_) {
            last = std::max(last, event.start_ns + event.duration_ns);
        }
        for (const Busy& busy : threads_) {
            last = busy.is_busy ? std::max(last, busy.last_ns) : last;
        }
        return last;
    }

    void end_what_is_open() {
        const uint64_t end_ns = last_ns();
        const uint32_t core_count = config_.cluster_count * CORES_PER_CLUSTER;
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            Subtask& subtask = cores_[i].subtask;
            if (subtask.is_running) {
                keep(subtask_event(Event::Kind::UNFINISHED_SUBTASK, i / core_count, i % core_count,
                                   subtask, std::max(end_ns, subtask.start_ns)));
                subtask.is_running = false;
            }
        }
        for (uint32_t i = 0; i < threads_.size(); ++i) {
            Busy& busy = threads_[i];
            if (busy.is_busy) {
                keep(busy_event(i / config_.thread_count, i % config_.thread_count, busy,
                                busy.last_ns));
                busy = {};
            }
        }
    }

    TracePlace thread_place(uint32_t rank, uint32_t thread) const noexcept {
        return {rank, 1 + thread};
    }

    TracePlace core_place(uint32_t rank, uint32_t core) const noexcept {
        return {rank, 1 + config_.thread_count + core};
    }

    uint32_t engine_process() const noexcept { return config_.rank_count; }

    void write_names(TraceWriter& writer) const {
        for (uint32_t rank = 0; rank < config_.rank_count; ++rank) {
            writer.name_process(rank, "rank " + std::to_string(rank));
            for (uint32_t thread = 0; thread < config_.thread_count; ++thread) {
                writer.name_track(thread_place(rank, thread),
                                  "scheduler thread " + std::to_string(thread));
            }
            for (uint32_t core = 0; core < config_.cluster_count * CORES_PER_CLUSTER; ++core) {
                writer.name_track(core_place(rank, core),
                                  "cluster " + std::to_string(core / CORES_PER_CLUSTER) + " " +
                                      core_kind_names[core % CORES_PER_CLUSTER]);
            }
        }
        writer.name_process(engine_process(), "engines");
    }

    void write_event(TraceWriter& writer, const Event& event, const Namer& name_of,
                     int64_t& conditions) const {
        switch (event.kind) {
            case Event::Kind::SUBTASK:
            case Event::Kind::UNFINISHED_SUBTASK:
                write_subtask(writer, event, name_of(event.kernel_addr));
                break;
            case Event::Kind::BUSY:
                writer.complete(
                    "busy", thread_place(event.rank, event.track), event.start_ns,
                    event.duration_ns,
                    JsonObject().add("dispatches", event.first).add("fins", event.second));
                break;
            case Event::Kind::CONDITIONS:
                conditions += event.first;
                // Threads that play the engines may be heard of before the one that left the work.
                writer.counter("conditions pending", engine_process(), event.start_ns,
                               std::max<int64_t>(conditions, 0));
                break;
            case Event::Kind::MAILBOX:
                writer.counter("mailbox depth", event.rank, event.start_ns, event.first);
                break;
        }
    }

    void write_subtask(TraceWriter& writer, const Event& event, const std::string& task) const {
        const bool is_finished = event.kind == Event::Kind::SUBTASK;
        writer.complete(task + " [" + std::to_string(event.first) + "]",
                        core_place(event.rank, event.track), event.start_ns, event.duration_ns,
                        JsonObject()
                            .add("task", task)
                            .add("block", event.first)
                            .add("blocks", event.second)
                            .add("finished", is_finished));
    }

    const TraceConfig config_;
    std::vector<Core> cores_;
    std::vector<Busy> threads_;
    std::vector<std::atomic<uint64_t>> depths_;
    DepthReader read_depth_;
    std::mutex mutex_;
    std::vector<Event> events_;  ///< guarded by the lock, as is the next
    uint64_t left_out_ = 0;
};

}  // namespace pto::sim
