// Runs a wait list schedule on the real wait list and mailbox of one platform, one call at a time
// on one thread, and records what every call did. Judges nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/per_platform_choice.h"
#include "fuzz/kit/persistent_ring.h"
#include "fuzz/kit/positions.h"
#include "fuzz/kit/ring_text.h"
#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"
#include "src/runtime/wait_list.h"

namespace fuzz {

/// One wait list, its mailbox and its tasks, for one platform. The next schedule sees nothing of
/// the last. Not thread-safe.
template <class Platform>
class WaitListBench final : public pto::CompletionScheduler<Platform> {
  public:
    using List = pto::AsyncWaitList<Platform>;
    using Mailbox = typename List::Mailbox;
    using Slot = typename List::Slot;

    void run(const WaitListStepSchedule& schedule, WaitListStepHistory& history) {
        Positions<1> position;
        const auto describe = [&] {
            return "  " + describe_position(schedule.operations, position.of(0)) + "\n" +
                   describe_ring(*mailbox_) + text_of_list();
        };
        const DescribedHang described(describe);
        history_ = &history;
        history.clear();
        release_capacity_ = schedule.release_capacity;
        mailbox_ = &ring_.renew(schedule.first_ticket);
        memory_ = {};
        gap_is_open_ = false;
        release_count_ = 0;
        forget_tasks();
        for (uint32_t i = 0; i < schedule.operations.size(); ++i) {
            position.begin(0, i);
            const WaitListOperation& op = schedule.operations[i];
            WaitListEvent event{};
            event.operation = i;
            event.failed_task = no_task;
            perform(op, event);
            observe(op, event);
            messages_taken_ += event.taken;
            history.events.push_back(event);
        }
        snapshot();
        poison_used_entries();
    }

    void on_mixed_task_complete(Slot& slot,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        history_->scheduler_calls.push_back({task_of(&slot), false});
    }
    void on_task_release(Slot& slot) noexcept override {
        history_->scheduler_calls.push_back({task_of(&slot), true});
    }

  private:
    static constexpr int poison = 0xa5;
    static constexpr int32_t release_capacity_max = 256;

    void perform(const WaitListOperation& op, WaitListEvent& event) {
        switch (op.call) {
            case WaitListCall::push_condition:
                event.taken = push_condition(op.task, op.condition);
                return;
            case WaitListCall::push_conditions:
                event.taken = push_conditions(op);
                return;
            case WaitListCall::push_for_each_task:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += push_condition((op.task + i) % tasks_max, op.condition);
                }
                return;
            case WaitListCall::push_normal_done:
                event.taken = push_normal_done(op.task, op.slot);
                return;
            case WaitListCall::push_normal_dones:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += push_normal_done((op.task + i) % tasks_max, SlotChoice::own);
                }
                return;
            case WaitListCall::push_registration:
                event.taken = push_registration(op);
                return;
            case WaitListCall::push_unknown_kind:
                event.taken = push_message(message(op.task, op.condition, op.count));
                return;
            case WaitListCall::leave_gap:
                leave_gap(event);
                return;
            case WaitListCall::fill_gap:
                fill_gap(op, event);
                return;
            case WaitListCall::drain:
                drain_without_sink(event);
                return;
            case WaitListCall::drain_with_sink:
                drain_with_sink(event);
                return;
            case WaitListCall::poll:
                poll(this, event);
                return;
            case WaitListCall::poll_without_scheduler:
                poll(nullptr, event);
                return;
            case WaitListCall::poll_while_busy:
                list_->try_lock();
                poll(this, event);
                list_->unlock();
                return;
            case WaitListCall::set_counter:
                memory_.counters[op.task] = op.value;
                return;
            case WaitListCall::set_record:
                memory_.records[op.task] = op.record_value;
                return;
            case WaitListCall::complete_elsewhere:
                slots_[op.task].task_state.store(pto::PTO2_TASK_COMPLETED,
                                                 std::memory_order_relaxed);
                return;
            case WaitListCall::flush_releases:
                for (int32_t i = 0; i < release_count_; ++i) {
                    on_task_release(*releases_[static_cast<size_t>(i)]);
                }
                release_count_ = 0;
                return;
            case WaitListCall::start_over:
                start_over();
                return;
        }
    }

    pto::AICoreCompletionMsgView message(uint32_t task, const Condition& condition, uint32_t kind) {
        return {task_token(task),         address_of(condition, memory_),
                condition.expected_value, condition.engine,
                condition.type,           kind,
                condition.backend_cookie};
    }

    uint32_t push_message(const pto::AICoreCompletionMsgView& message) {
        uint64_t ticket = 0;
        if (mailbox_->try_claim(1, ticket) == 0) {
            return 0;
        }
        mailbox_->publish(ticket, message);
        return 1;
    }

    uint32_t push_condition(uint32_t task, const Condition& condition) {
        return mailbox_->try_push_condition(task_token(task), address_of(condition, memory_),
                                            condition.backend_cookie, condition.expected_value,
                                            condition.engine, condition.type);
    }

    uint32_t push_conditions(const WaitListOperation& op) {
        fill_slab(op);
        return mailbox_->try_push_conditions(task_token(op.task), slab_.entries, slab_.count);
    }

    uint32_t push_registration(const WaitListOperation& op) {
        fill_slab(op);
        return mailbox_->try_push_registration(task_token(op.task), slot_address(op.task, op.slot),
                                               slab_.entries, slab_.count)
                   ? pto::registration_slots(slab_.count)
                   : 0;
    }

    void fill_slab(const WaitListOperation& op) {
        slab_.count = 0;
        slab_.error_code = 0;
        for (uint32_t i = 0; i < std::min(op.count, pto::MAX_COMPLETIONS_PER_TASK); ++i) {
            const Condition condition = condition_of_run(op.condition, i);
            pto::deferred_completion_slab_append(&slab_, address_of(condition, memory_),
                                                 condition.backend_cookie, condition.expected_value,
                                                 condition.engine, condition.type);
        }
    }

    uint32_t push_normal_done(uint32_t task, SlotChoice choice) {
        return mailbox_->try_push_normal_done(task_token(task), slot_address(task, choice));
    }

    uint64_t slot_address(uint32_t task, SlotChoice choice) {
        if (choice == SlotChoice::null) {
            return 0;
        }
        const uint32_t owner = choice == SlotChoice::of_next_task ? (task + 1) % tasks_max : task;
        return reinterpret_cast<uintptr_t>(&slots_[owner]) +
               (choice == SlotChoice::misaligned ? 8 : 0);
    }

    void leave_gap(WaitListEvent& event) {
        if (!gap_is_open_) {
            event.taken = mailbox_->try_claim(1, gap_);
            gap_is_open_ = event.taken != 0;
        }
    }

    void fill_gap(const WaitListOperation& op, WaitListEvent& event) {
        if (gap_is_open_) {
            mailbox_->publish(gap_, message(op.task, op.condition, pto::MSG_KIND_CONDITION));
            event.taken = 1;
            gap_is_open_ = false;
        }
    }

    void drain_without_sink(WaitListEvent& event) {
        list_->try_lock();
        event.taken = static_cast<uint32_t>(
            list_->drain_aicore_completion_mailbox_locked(mailbox_, event.error));
        list_->unlock();
    }

    void drain_with_sink(WaitListEvent& event) {
        list_->try_lock();
        typename List::DrainCompletionSink sink;
        sink.sched = this;
        sink.deferred_release_slot_states = release_buffer();
        sink.deferred_release_count = &release_count_;
        sink.deferred_release_capacity = release_capacity_;
        event.taken = static_cast<uint32_t>(
            list_->drain_aicore_completion_mailbox_locked(mailbox_, sink, event.error));
        event.completed = sink.inline_completed;
        list_->unlock();
    }

    void poll(pto::CompletionScheduler<Platform>* scheduler, WaitListEvent& event) {
        // Profiling must make no difference; every other poll has it.
        const bool profiling = event.operation % 2 != 0;
        const pto::AsyncPollResult<Platform> result =
            profiling ? list_->template poll_and_complete<true>(mailbox_, scheduler, nullptr,
                                                                release_buffer(), release_count_,
                                                                release_capacity_)
                      : list_->template poll_and_complete<false>(mailbox_, scheduler, nullptr,
                                                                 release_buffer(), release_count_,
                                                                 release_capacity_);
        event.error = result.error_code;
        event.completed = result.completed;
        event.failed_task = task_of(result.failed_slot_state);
    }

    Slot** release_buffer() { return release_capacity_ == 0 ? nullptr : releases_.data(); }

    void start_over() {
        if (gap_is_open_) {
            return;
        }
        mailbox_->restart();
        release_count_ = 0;
        forget_tasks();
    }

    void forget_tasks() {
        list_->reset_for_reuse();
        for (uint32_t task = 0; task < tasks_max; ++task) {
            slots_[task].task_state.store(pto::PTO2_TASK_PENDING, std::memory_order_relaxed);
            slots_[task].is_waiting = false;
        }
    }

    uint32_t task_of(const Slot* slot) const {
        return slot == nullptr ? no_task : static_cast<uint32_t>(slot - slots_.get());
    }

    void observe(const WaitListOperation& op, WaitListEvent& event) {
        const int32_t waiting = list_->count.load(std::memory_order_relaxed);
        entries_used_ =
            std::max(entries_used_, std::min<size_t>(static_cast<size_t>(waiting + event.completed),
                                                     std::size(list_->entries)));
        event.waiting_tasks = static_cast<uint32_t>(waiting);
        event.sticky_error = list_->error_code.load(std::memory_order_relaxed);
        event.releases_buffered = static_cast<uint32_t>(release_count_);
        event.calls_to_scheduler = static_cast<uint32_t>(history_->scheduler_calls.size());
        event.lock_is_free = list_->busy.load(std::memory_order_relaxed) == 0;
        if (const auto* entry = list_->find_entry_by_token(task_token(op.task))) {
            event.task_waits = true;
            event.task_is_normal_done = entry->normal_done;
            event.task_conditions = static_cast<uint32_t>(entry->condition_count);
            event.task_conditions_open = static_cast<uint32_t>(entry->waiting_completion_count);
        }
    }

    void snapshot() {
        const int32_t waiting = list_->count.load(std::memory_order_relaxed);
        for (int32_t i = 0; i < waiting; ++i) {
            history_->waiting_at_end.push_back(snapshot_of(list_->entries[i]));
        }
        history_->memory_at_end = memory_;
        for (uint32_t task = 0; task < tasks_max; ++task) {
            history_->task_state_at_end[task] =
                slots_[task].task_state.load(std::memory_order_relaxed);
        }
    }

    /// How list and mailbox stand, for a call that does not return.
    std::string text_of_list() {
        std::array<char, 4096> text{};
        std::FILE* const out = ::fmemopen(text.data(), text.size() - 1, "w");
        if (out != nullptr) {
            list_->log_diagnostics(mailbox_, "a call does not return", /*warn=*/true, out);
            std::fclose(out);
        }
        return text.data();
    }

    /// No entry can have had more conditions than went through the ring, at most two a message.
    void poison_used_entries() {
        auto& first = list_->entries[0];
        const size_t conditions =
            std::min<size_t>(2 * messages_taken_, std::size(first.conditions));
        const size_t bytes =
            sizeof first - sizeof first.conditions + conditions * sizeof first.conditions[0];
        for (size_t i = 0; i < entries_used_; ++i) {
            std::memset(static_cast<void*>(&list_->entries[i]), poison, bytes);
        }
        entries_used_ = 0;
        messages_taken_ = 0;
    }

    WaitingTask snapshot_of(const pto::AsyncWaitEntry<Platform>& entry) const {
        WaitingTask waiting{entry.task_token.local(),
                            task_of(entry.slot_state),
                            entry.normal_done,
                            static_cast<uint32_t>(entry.condition_count),
                            static_cast<uint32_t>(entry.waiting_completion_count),
                            0,
                            0};
        for (uint32_t i = 0; i < std::min(waiting.conditions, 64u); ++i) {
            waiting.satisfied |= uint64_t{entry.conditions[i].satisfied} << i;
            waiting.retired |= uint64_t{entry.conditions[i].retired} << i;
        }
        return waiting;
    }

    static std::unique_ptr<Slot[]> make_slots(pto::TaskDescriptor* descriptors) {
        auto slots = std::make_unique<Slot[]>(tasks_max);
        for (uint32_t task = 0; task < tasks_max; ++task) {
            descriptors[task].task_id = task_token(task);
            slots[task].task = has_descriptor(task) ? &descriptors[task] : nullptr;
        }
        return slots;
    }

    WaitListStepHistory* history_ = nullptr;
    PersistentRing<Platform::mailbox_capacity> ring_;
    Mailbox* mailbox_ = nullptr;
    std::unique_ptr<List> list_ = std::make_unique<List>();
    size_t entries_used_ = 0;
    uint64_t messages_taken_ = 0;
    std::array<pto::TaskDescriptor, tasks_max> descriptors_;
    std::unique_ptr<Slot[]> slots_ = make_slots(descriptors_.data());
    std::array<Slot*, release_capacity_max> releases_{};
    int32_t release_count_ = 0;
    int32_t release_capacity_ = 0;
    EngineMemory memory_{};
    pto::DeferredCompletionSlab slab_{};
    uint64_t gap_ = 0;
    bool gap_is_open_ = false;
};

/// The step runner of the wait list, over all platforms and two sizes of mailbox.
class WaitListStepRunner {
  public:
    using Schedule = WaitListStepSchedule;
    using History = WaitListStepHistory;

    void run(const WaitListStepSchedule& schedule, WaitListStepHistory& history) {
        benches_.at(schedule.platform, [&](auto& bench) { bench.run(schedule, history); });
    }

  private:
    PerPlatformChoice<WaitListBench> benches_;
};

}  // namespace fuzz
