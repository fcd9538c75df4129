// The wait list: tasks that ran, or are running, and whose conditions do not all hold yet.
//
// A scheduler thread takes `busy`, drains the mailbox into the entries, tests every open condition,
// and completes each task that has its NORMAL_DONE and nothing left to wait for. Everything but the
// atomics is touched under `busy` only. Code in here never pushes into the mailbox and never takes
// `busy` again, so a producer that polls because the ring is full cannot deadlock.
//
// Errors are sticky: the first one is kept, and from then on nothing is drained or visited. The
// message that raised it is gone, and with it what it said about its task; continuing could
// complete that task early.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>

#include "completion_condition.h"
#include "completion_scheduler.h"
#include "mailbox.h"
#include "pto_assert.h"
#include "task_slot.h"

namespace pto {

/// One waiting task. `slot_state` is null until its NORMAL_DONE arrives. Only the first
/// `condition_count` conditions have a value.
template <class Platform>
struct AsyncWaitEntry {
    PTO2TaskSlotState<Platform>* slot_state = nullptr;
    PTO2TaskId task_token{};
    int32_t condition_count = 0;
    int32_t waiting_completion_count = 0;
    bool normal_done = false;
    CompletionCondition<Platform> conditions[MAX_COMPLETIONS_PER_TASK];
};

/// Completes a task through a sink: lets the scheduler fan out, then buffers or does the release. A
/// full buffer is emptied first, so an append always has room.
template <class Sink, class Platform>
void complete_through(Sink& sink, PTO2TaskSlotState<Platform>& slot,
                      PTO2LocalReadyBuffer<Platform>* local_bufs) noexcept {
    PTO_ASSERT(sink.sched != nullptr);
    // Relaxed: this thread has just stored it, and still has the task's hold.
    PTO_ASSERT(slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_COMPLETED);
    sink.sched->on_mixed_task_complete(slot, local_bufs);
    ++sink.inline_completed;
    if (sink.deferred_release_slot_states == nullptr || sink.deferred_release_count == nullptr ||
        sink.deferred_release_capacity <= 0) {
        sink.sched->on_task_release(slot);
        return;
    }
    int32_t& count = *sink.deferred_release_count;
    if (count >= sink.deferred_release_capacity) {
        for (int32_t i = 0; i < count; ++i) {
            sink.sched->on_task_release(*sink.deferred_release_slot_states[i]);
        }
        count = 0;
    }
    PTO_ASSERT(0 <= count && count < sink.deferred_release_capacity, count,
               sink.deferred_release_capacity);
    sink.deferred_release_slot_states[count++] = &slot;
}

/// Where a drain puts the tasks that it completes. All members but the scheduler are optional: a
/// sink without a release buffer (null buffer or counter, or no capacity) releases at once.
template <class Platform>
struct SinkWithLocalBuffers {
    CompletionScheduler<Platform>* sched = nullptr;
    PTO2LocalReadyBuffer<Platform>* local_bufs = nullptr;
    PTO2TaskSlotState<Platform>** deferred_release_slot_states = nullptr;
    int32_t* deferred_release_count = nullptr;
    int32_t deferred_release_capacity = 0;
    int32_t inline_completed = 0;  ///< out: tasks completed through this sink

    bool can_inline_complete() const noexcept { return sched != nullptr; }
    void complete(PTO2TaskSlotState<Platform>& slot) noexcept {
        complete_through(*this, slot, local_bufs);
    }
};

/// The same for a runtime whose scheduler threads have no buffer of their own.
template <class Platform>
struct SinkWithoutLocalBuffers {
    CompletionScheduler<Platform>* sched = nullptr;
    PTO2TaskSlotState<Platform>** deferred_release_slot_states = nullptr;
    int32_t* deferred_release_count = nullptr;
    int32_t deferred_release_capacity = 0;
    int32_t inline_completed = 0;  ///< out: tasks completed through this sink

    bool can_inline_complete() const noexcept { return sched != nullptr; }
    void complete(PTO2TaskSlotState<Platform>& slot) noexcept {
        complete_through<SinkWithoutLocalBuffers, Platform>(*this, slot, nullptr);
    }
};

/// What a poll did. `failed_slot_state` is the task whose condition or state raised `error_code`,
/// null when its NORMAL_DONE has not come yet, or when a message raised it.
template <class Platform>
struct AsyncPollResult {
    int32_t completed;
    int32_t error_code;
    PTO2TaskSlotState<Platform>* failed_slot_state;
};

/// Totals of all polls with Profiling; visits that a drain makes for room are not counted.
/// Readable from any thread, without the lock.
struct AsyncPollProfile {
    std::atomic<uint64_t> polls;
    std::atomic<uint64_t> messages;
    std::atomic<uint64_t> entries_visited;
};

/// The tasks that wait, and the lock that makes one thread at a time the mailbox's consumer.
///
/// Functions with `_locked` in their name, find_entry_by_token() and `entries` need `busy` held.
/// The atomics may be read by any thread at any time. All zero bytes are a valid empty list.
///
/// `SinkForm` is one of the two sinks above.
template <class Platform, class SinkForm = SinkWithLocalBuffers<Platform>>
struct AsyncWaitList {
    using Mailbox = AICoreCompletionMailbox<Platform::mailbox_capacity>;
    using Slot = PTO2TaskSlotState<Platform>;
    using Entry = AsyncWaitEntry<Platform>;
    using LocalBuffer = PTO2LocalReadyBuffer<Platform>;
    using DrainCompletionSink = SinkForm;
    using Sink = DrainCompletionSink;
    using PollResult = AsyncPollResult<Platform>;

    /// Messages whose slots a drain gives back at once: enough to share the cost of the store,
    /// few enough that producers that meet a full ring can push again while the drain works.
    static constexpr uint32_t drain_batch = 64;
    static constexpr int32_t condition_count_max = MAX_COMPLETIONS_PER_TASK;

    alignas(PTO2_ALIGN_SIZE) std::atomic<int32_t> busy;
    /// Waiting tasks. Stored under `busy`; the poll gate reads it without, as a hint.
    alignas(PTO2_ALIGN_SIZE) std::atomic<int32_t> count;
    /// The first error since reset_for_reuse(), or PTO2_ERROR_NONE. Stored under `busy`.
    std::atomic<int32_t> error_code;
    /// Push attempts that met a full ring; producers count them.
    std::atomic<uint64_t> mpsc_skipped_count;
    /// Conditions seen satisfied since reset_for_reuse(). Stored under `busy`; a hint to a
    /// watchdog.
    std::atomic<uint64_t> satisfied_count;
    /// Waiting tasks that have their NORMAL_DONE.
    int32_t ended_entries;
    AsyncPollProfile profile;
    Entry entries[MAX_ASYNC_WAITS];

    /// Takes `busy` if it is free. Never waits.
    bool try_lock() noexcept {
        int32_t expected = 0;
        // Acquire: pairs with the release store in unlock(); the last holder's entries and its
        // place in the mailbox are visible. Relaxed on failure: the loser touches nothing.
        return busy.compare_exchange_strong(expected, 1, std::memory_order_acquire,
                                            std::memory_order_relaxed);
    }

    void unlock() noexcept {
        PTO_ASSERT(is_locked());
        // Release: pairs with the acquire compare-exchange in try_lock().
        busy.store(0, std::memory_order_release);
    }

    /// Forgets every task, the error and the diagnostics. Quiescent only, `busy` free.
    void reset_for_reuse() noexcept {
        PTO_ASSERT(!is_locked());
        // All relaxed: quiescence orders these stores before every later call.
        count.store(0, std::memory_order_relaxed);
        error_code.store(PTO2_ERROR_NONE, std::memory_order_relaxed);
        mpsc_skipped_count.store(0, std::memory_order_relaxed);
        satisfied_count.store(0, std::memory_order_relaxed);
        ended_entries = 0;
        profile.polls.store(0, std::memory_order_relaxed);
        profile.messages.store(0, std::memory_order_relaxed);
        profile.entries_visited.store(0, std::memory_order_relaxed);
    }

    /// The waiting entry of a task, or null.
    Entry* find_entry_by_token(PTO2TaskId token) noexcept {
        // The newest first: a task's messages mostly follow one another.
        for (int32_t i = entry_count() - 1; i >= 0; --i) {
            if (entries[i].task_token == token) {
                return &entries[i];
            }
        }
        return nullptr;
    }

    /// Takes messages up to the first unpublished one, until they have taken Capacity slots, and
    /// applies them. Returns
    /// how many it took; one that raised an error counts, later ones stay in the ring. Writes the
    /// error, or PTO2_ERROR_NONE, to `error`. After an earlier error, takes nothing and reports
    /// that one. A null mailbox has no messages.
    ///
    /// A NORMAL_DONE of a task that registered nothing completes it through the sink; without a
    /// scheduler in the sink it becomes a ready entry that a later poll completes. A message that
    /// needs a 65th entry makes a drain with a scheduler visit the entries once; if that frees
    /// none: PTO2_ERROR_ASYNC_WAIT_OVERFLOW. PTO2_ERROR_ASYNC_REGISTRATION_FAILED for an unknown
    /// kind, a NORMAL_DONE without an aligned slot, of another task's slot, of a slot that is not
    /// pending or a second time, a condition after its task's NORMAL_DONE, and a task's 65th
    /// condition. A registration is conditions and a NORMAL_DONE in one message; it is an error
    /// too if its task is listed already. It counts as many messages as it takes slots.
    int32_t drain_aicore_completion_mailbox_locked(Mailbox* mailbox, Sink& sink,
                                                   int32_t& error) noexcept {
        PTO_ASSERT(is_locked());
        Slot* failed_slot_state = nullptr;
        return drain_locked(mailbox, sink, error, failed_slot_state);
    }

    int32_t drain_aicore_completion_mailbox_locked(Mailbox* mailbox, int32_t& error) noexcept {
        Sink no_scheduler;
        return drain_aicore_completion_mailbox_locked(mailbox, no_scheduler, error);
    }

    /// Completes a task through the sink if the sink has a scheduler and the task is still pending,
    /// decided by one compare-exchange. Returns whether it did.
    bool try_inline_complete_locked(Sink& sink, Slot& slot) noexcept {
        PTO_ASSERT(is_locked());
        if (!sink.can_inline_complete()) {
            return false;
        }
        int32_t expected = PTO2_TASK_PENDING;
        // Release: pairs with the acquire load of `task_state` in attach_consumer(), which takes
        // COMPLETED as "this dependency is met", possibly before on_mixed_task_complete() has the
        // fan-out lock; what the task's subtasks and engines wrote is visible to it. Relaxed on
        // failure: nothing is read.
        if (!slot.task_state.compare_exchange_strong(expected, PTO2_TASK_COMPLETED,
                                                     std::memory_order_release,
                                                     std::memory_order_relaxed)) {
            return false;
        }
        sink.complete(slot);
        return true;
    }

    /// One turn as the consumer: drain, then visit the entries from last to first and complete what
    /// can be. Returns at once, with nothing done, if another thread holds the lock.
    ///
    /// Completed tasks go to `release[release_count++]`; a buffer of `release_capacity` that is
    /// full is released first, and without a buffer every task is released at once. Without a
    /// scheduler, conditions are tested but nothing completes. `completed` counts inline
    /// completions too, also when an error is reported. Profiling adds to `profile`.
    /// `thread_index` has no meaning here; a runtime that profiles its scheduler passes one.
    template <bool Profiling>
    PollResult poll_and_complete(Mailbox* mailbox, CompletionScheduler<Platform>* sched,
                                 LocalBuffer* local_bufs, Slot** release, int32_t& release_count,
                                 int32_t release_capacity, int32_t /*thread_index*/ = 0) noexcept
        requires requires(Sink& sink) { sink.local_bufs; }
    {
        Sink sink{sched, local_bufs, release, &release_count, release_capacity};
        return poll_with<Profiling>(mailbox, sink);
    }

    /// The same without a local buffer.
    template <bool Profiling>
    PollResult poll_and_complete(Mailbox* mailbox, CompletionScheduler<Platform>* sched,
                                 Slot** release, int32_t& release_count, int32_t release_capacity,
                                 int32_t /*thread_index*/ = 0) noexcept {
        Sink sink{};
        sink.sched = sched;
        sink.deferred_release_slot_states = release;
        sink.deferred_release_count = &release_count;
        sink.deferred_release_capacity = release_capacity;
        return poll_with<Profiling>(mailbox, sink);
    }

    /// Writes to `out` how the list and its mailbox stand, and for up to 8 waiting tasks
    /// what they wait for. Any thread, at any time: the tasks are left out while another thread has
    /// the lock. `reason` says why it is asked, `warn` whether that is bad. `mailbox` may be null.
    void log_diagnostics(const Mailbox* mailbox, const char* reason, bool warn,
                         std::FILE* out = stderr) noexcept {
        // All relaxed: a picture of one moment, which orders nothing.
        const int32_t waiting = entry_count();
        const uint64_t refused = mpsc_skipped_count.load(std::memory_order_relaxed);
        std::fprintf(out, "%s: wait list: %s: %d %s, error %d, %llu %s met a full mailbox\n",
                     warn ? "warning" : "info", reason == nullptr ? "no reason" : reason,
                     static_cast<int>(waiting), waiting == 1 ? "task waits" : "tasks wait",
                     static_cast<int>(error_code.load(std::memory_order_relaxed)),
                     static_cast<unsigned long long>(refused), refused == 1 ? "push" : "pushes");
        if (mailbox != nullptr) {
            const uint64_t tail = mailbox->tail.load(std::memory_order_relaxed);
            const uint64_t head = mailbox->head.load(std::memory_order_relaxed);
            std::fprintf(out, "  mailbox: the next ticket is %llu, the next to drain is %llu\n",
                         static_cast<unsigned long long>(head),
                         static_cast<unsigned long long>(tail));
        }
        if (!try_lock()) {
            std::fprintf(out, "  another thread has the lock\n");
            return;
        }
        for (int32_t i = 0; i < std::min(entry_count(), logged_tasks_max); ++i) {
            log_entry(entries[i], out);
        }
        unlock();
    }

  private:
    static constexpr int32_t logged_tasks_max = 8;

    template <bool Profiling>
    PollResult poll_with(Mailbox* mailbox, Sink& sink) noexcept {
        if (!try_lock()) {
            return {0, PTO2_ERROR_NONE, nullptr};
        }
        PollResult result{0, PTO2_ERROR_NONE, nullptr};
        const int32_t drained =
            drain_locked(mailbox, sink, result.error_code, result.failed_slot_state);
        if constexpr (Profiling) {
            record_poll(drained, result.error_code == PTO2_ERROR_NONE ? entry_count() : 0);
        }
        if (result.error_code == PTO2_ERROR_NONE) {
            result.error_code = latch(visit_entries(sink, result.failed_slot_state));
        }
        PTO_ASSERT(sink.deferred_release_slot_states == nullptr ||
                       sink.deferred_release_capacity <= 0 ||
                       (0 <= *sink.deferred_release_count &&
                        *sink.deferred_release_count <= sink.deferred_release_capacity),
                   *sink.deferred_release_count, sink.deferred_release_capacity);
        result.completed = sink.inline_completed;
        unlock();
        return result;
    }

    /// The first open condition stands for all: conditions mostly hold in order.
    static void log_entry(const Entry& entry, std::FILE* out) noexcept {
        std::fprintf(out, "  task %u in ring %u waits for %d of %d conditions%s\n",
                     static_cast<unsigned>(entry.task_token.local()),
                     static_cast<unsigned>(entry.task_token.ring()),
                     static_cast<int>(entry.waiting_completion_count),
                     static_cast<int>(entry.condition_count),
                     entry.normal_done ? "" : " and for its NORMAL_DONE");
        const auto* const end = entry.conditions + entry.condition_count;
        const auto* const open =
            std::find_if(entry.conditions, end, [](const auto& c) { return !c.satisfied; });
        if (open != end) {
            std::fprintf(out, "    type %d at %#llx, expected value %u, cookie %llu\n",
                         static_cast<int>(open->completion_type),
                         static_cast<unsigned long long>(open->addr),
                         static_cast<unsigned>(open->expected_value),
                         static_cast<unsigned long long>(open->backend_cookie));
        }
    }

    /// Does a thread hold `busy`? For assertions: the holder reads its own store, and relaxed, so
    /// that asking orders nothing.
    bool is_locked() const noexcept { return busy.load(std::memory_order_relaxed) == 1; }

    // Relaxed, here and in set_entry_count(): only the holder of `busy` stores it.
    int32_t entry_count() const noexcept { return count.load(std::memory_order_relaxed); }
    void set_entry_count(int32_t value) noexcept {
        PTO_ASSERT(0 <= value && value <= MAX_ASYNC_WAITS, value);
        count.store(value, std::memory_order_relaxed);
    }

    /// Keeps the first error for good; returns `code`.
    int32_t latch(int32_t code) noexcept {
        if (code != PTO2_ERROR_NONE) {
            // Relaxed: only the holder of `busy` stores it, and it publishes nothing else.
            error_code.store(code, std::memory_order_relaxed);
        }
        return code;
    }

    int32_t drain_locked(Mailbox* mailbox, Sink& sink, int32_t& error,
                         Slot*& failed_slot_state) noexcept {
        error = error_code.load(std::memory_order_relaxed);
        if (error != PTO2_ERROR_NONE || mailbox == nullptr) {
            return 0;
        }
        // The last message's entry: a task's messages mostly follow one another.
        Entry* last = nullptr;
        uint32_t taken = 0;
        while (error == PTO2_ERROR_NONE && taken < Mailbox::capacity) {
            const uint32_t batch = std::min(drain_batch, Mailbox::capacity - taken);
            const uint32_t got = mailbox->consume(batch, [&](const auto& message) {
                error = apply(message, sink, last, failed_slot_state);
                return error == PTO2_ERROR_NONE;
            });
            taken += got;
            if (got < batch) {
                break;
            }
        }
        // The last message may be a registration, which takes several slots.
        PTO_ASSERT(taken < Mailbox::capacity + registration_slots(MAX_COMPLETIONS_PER_TASK), taken);
        latch(error);
        return static_cast<int32_t>(taken);
    }

    /// Inlined into the drain's loop, as is add_condition(), and what is rarer is not: so a
    /// condition goes from the ring's line straight into its entry.
    [[gnu::always_inline]] int32_t apply(const AICoreCompletionMsgView& message, Sink& sink,
                                         Entry*& last, Slot*& failed_slot_state) noexcept {
        switch (message.kind) {
            case MSG_KIND_CONDITION:
                return add_condition(message, sink, last, failed_slot_state);
            case MSG_KIND_TASK_NORMAL_DONE:
                return add_normal_done(message.task_token, message.addr, sink, last,
                                       failed_slot_state);
            default:
                return PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
    }

    /// Makes the entry of a task whose conditions and NORMAL_DONE are one message.
    [[gnu::noinline]] int32_t apply(const AICoreCompletionRegistration& registration, Sink& sink,
                                    Entry*& last, Slot*& failed_slot_state) noexcept {
        const PTO2TaskId token = registration.task_token();
        const int32_t conditions = static_cast<int32_t>(registration.condition_count());
        Slot* const slot = slot_at(registration.slot_state_addr());
        // A listed task that has its NORMAL_DONE is marked in its slot. The search is for one that
        // has none; mostly there is no such entry.
        if (slot == nullptr || !is_pending_task(*slot, token) || slot->is_waiting ||
            conditions > condition_count_max ||
            (ended_entries != entry_count() && find_entry_by_token(token) != nullptr)) {
            return PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        const int32_t code = add_entry(token, sink, last, failed_slot_state);
        if (code != PTO2_ERROR_NONE) {
            return code;
        }
        Entry& entry = *last;
        registration.copy_conditions(entry.conditions);
        entry.condition_count = conditions;
        entry.waiting_completion_count = conditions;
        finish_entry(entry, *slot);
        return PTO2_ERROR_NONE;
    }

    [[gnu::always_inline]] int32_t add_condition(const AICoreCompletionMsgView& message, Sink& sink,
                                                 Entry*& last, Slot*& failed_slot_state) noexcept {
        // The last message's entry first: a task's messages mostly follow one another.
        if (last == nullptr || last->task_token != message.task_token) {
            const int32_t code =
                find_or_add_entry(message.task_token, sink, last, failed_slot_state);
            if (code != PTO2_ERROR_NONE) {
                return code;
            }
        }
        Entry& entry = *last;
        const int32_t index = entry.condition_count;
        if (entry.normal_done || index == condition_count_max) {
            return PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        PTO_ASSERT(0 <= index && index < condition_count_max, index);
        entry.conditions[index] = CompletionCondition<Platform>::of(message);
        entry.condition_count = index + 1;
        ++entry.waiting_completion_count;
        return PTO2_ERROR_NONE;
    }

    [[gnu::noinline]] int32_t find_or_add_entry(PTO2TaskId token, Sink& sink, Entry*& found,
                                                Slot*& failed_slot_state) noexcept {
        Entry* const entry = find_entry_by_token(token);
        if (entry == nullptr) {
            return add_entry(token, sink, found, failed_slot_state);
        }
        found = entry;
        return PTO2_ERROR_NONE;
    }

    [[gnu::noinline]] int32_t add_normal_done(PTO2TaskId token, uint64_t slot_address, Sink& sink,
                                              Entry*& last, Slot*& failed_slot_state) noexcept {
        Slot* const slot = slot_at(slot_address);
        if (slot == nullptr || !is_pending_task(*slot, token)) {
            return PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        Entry* entry =
            last != nullptr && last->task_token == token ? last : find_entry_by_token(token);
        if (entry == nullptr && sink.can_inline_complete()) {
            // unreached: the other way, which is for a sink without a scheduler only.
            return try_inline_complete_locked(sink, *slot) ? PTO2_ERROR_NONE
                                                           : PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        if (entry == nullptr) {
            const int32_t code = add_entry(token, sink, entry, failed_slot_state);
            if (code != PTO2_ERROR_NONE) {
                return code;
            }
        }
        last = entry;
        if (entry->normal_done) {
            return PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        finish_entry(*entry, *slot);
        return PTO2_ERROR_NONE;
    }

    /// Notes that all subtasks of a task are FIN.
    void finish_entry(Entry& entry, Slot& slot) noexcept {
        PTO_ASSERT(!entry.normal_done);
        entry.slot_state = &slot;
        entry.normal_done = true;
        slot.is_waiting = true;
        ++ended_entries;
    }

    /// The slot at an address, or null if there cannot be one.
    static Slot* slot_at(uint64_t address) noexcept {
        return address % alignof(Slot) != 0
                   ? nullptr
                   : reinterpret_cast<Slot*>(static_cast<uintptr_t>(address));
    }

    static bool is_pending_task(const Slot& slot, PTO2TaskId token) noexcept {
        // Relaxed: no other thread can complete a task whose NORMAL_DONE is in the mailbox; a state
        // that is not PENDING comes from a message that should not exist.
        return (slot.task == nullptr || slot.task->task_id == token) &&
               slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_PENDING;
    }

    /// Appends an empty entry for `token`, after making room if the sink allows it.
    int32_t add_entry(PTO2TaskId token, Sink& sink, Entry*& added,
                      Slot*& failed_slot_state) noexcept {
        if (entry_count() == MAX_ASYNC_WAITS && sink.can_inline_complete()) {
            const int32_t code = visit_entries(sink, failed_slot_state);
            if (code != PTO2_ERROR_NONE) {
                return code;
            }
        }
        const int32_t waiting = entry_count();
        if (waiting == MAX_ASYNC_WAITS) {
            return PTO2_ERROR_ASYNC_WAIT_OVERFLOW;
        }
        PTO_ASSERT(0 <= waiting && waiting < MAX_ASYNC_WAITS, waiting);
        added = &entries[waiting];
        added->slot_state = nullptr;
        added->task_token = token;
        added->condition_count = 0;
        added->waiting_completion_count = 0;
        added->normal_done = false;
        set_entry_count(waiting + 1);
        return PTO2_ERROR_NONE;
    }

    /// Tests the open conditions and completes the tasks that are ready, last entry first, so that
    /// a removed entry is replaced by one that has been visited. Stops at the first error, which
    /// leaves its entry.
    int32_t visit_entries(Sink& sink, Slot*& failed_slot_state) noexcept {
        for (int32_t i = entry_count() - 1; i >= 0; --i) {
            Entry& entry = entries[i];
            int32_t code = test_conditions(entry);
            if (code == PTO2_ERROR_NONE && sink.can_inline_complete() && entry.normal_done &&
                entry.waiting_completion_count == 0) {
                if (try_inline_complete_locked(sink, *entry.slot_state)) {
                    remove_entry(i);
                    continue;
                }
                code = PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
            }
            if (code != PTO2_ERROR_NONE) {
                failed_slot_state = entry.slot_state;
                return code;
            }
        }
        return PTO2_ERROR_NONE;
    }

    /// Tests an entry's open conditions in order, and retires each that holds now.
    int32_t test_conditions(Entry& entry) noexcept {
        for (int32_t i = 0; i < entry.condition_count; ++i) {
            CompletionCondition<Platform>& condition = entry.conditions[i];
            if (condition.satisfied) {
                continue;
            }
            const CompletionPollResult result = condition.test();
            if (result.state == CompletionPollState::FAILED) {
                return result.error_code;
            }
            if (result.state == CompletionPollState::READY) {
                condition.satisfied = true;
                --entry.waiting_completion_count;
                // Relaxed, both: only the holder of `busy` stores it, and it orders nothing.
                satisfied_count.store(satisfied_count.load(std::memory_order_relaxed) + 1,
                                      std::memory_order_relaxed);
                condition.retire();
            }
        }
        PTO_ASSERT(entry.waiting_completion_count == count_open(entry),
                   entry.waiting_completion_count, entry.condition_count);
        return PTO2_ERROR_NONE;
    }

    /// The conditions of an entry that do not hold yet, counted one by one. For assertions.
    static int32_t count_open(const Entry& entry) noexcept {
        return static_cast<int32_t>(std::count_if(
            entry.conditions, entry.conditions + entry.condition_count,
            [](const CompletionCondition<Platform>& condition) { return !condition.satisfied; }));
    }

    /// Overwrites an entry that has its NORMAL_DONE with the last one and drops that.
    void remove_entry(int32_t index) noexcept {
        const int32_t last = entry_count() - 1;
        PTO_ASSERT(0 <= index && index <= last, index, last);
        if (index != last) {
            const Entry& from = entries[last];
            Entry& to = entries[index];
            to.slot_state = from.slot_state;
            to.task_token = from.task_token;
            to.condition_count = from.condition_count;
            to.waiting_completion_count = from.waiting_completion_count;
            to.normal_done = from.normal_done;
            std::copy_n(from.conditions, from.condition_count, to.conditions);
        }
        set_entry_count(last);
        --ended_entries;
    }

    void record_poll(int32_t drained, int32_t visited) noexcept {
        // All relaxed: statistics, read at any time.
        profile.polls.fetch_add(1, std::memory_order_relaxed);
        profile.messages.fetch_add(static_cast<uint64_t>(drained), std::memory_order_relaxed);
        profile.entries_visited.fetch_add(static_cast<uint64_t>(visited),
                                          std::memory_order_relaxed);
    }
};

}  // namespace pto
