// Takes the picture of a run that stands still: looks at cores, mailbox, wait list, queues, rings
// and threads, and sorts what it finds by what it may hold up.
//
// It may run beside threads that wait in a loop. So it reads atomics, and what an acquire load has
// made visible; it takes the wait list's lock by try-lock only.
#pragma once

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "core_interface.h"
#include "core_register.h"
#include "diagnosis.h"
#include "ready_queues.h"
#include "scheduler_completion.h"
#include "spin_hint.h"
#include "task_ring.h"
#include "task_slot.h"
#include "wait_list.h"

namespace pto {

/// What the scheduler knows of a core; `tasks` by the lowest bit of their dispatch ids.
template <class Platform>
struct CoreView {
    uint32_t number;
    uint32_t thread;
    CoreSlots slots;
    PTO2TaskSlotState<Platform>* tasks[2];
};

/// `ring:number`.
inline std::string task_text(PTO2TaskId id) {
    return "task " + std::to_string(id.ring()) + ":" + std::to_string(id.local());
}

/// The number, and the words that go with it: one of a thing, or any other number of them.
inline std::string counted(int64_t number, std::string_view one, std::string_view many) {
    return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

/// Number, kind and cluster of a core.
inline std::string core_text(uint32_t core) {
    return "core " + std::to_string(core) + " (" + core_kind_names[core % CORES_PER_CLUSTER] +
           " of cluster " + std::to_string(core / CORES_PER_CLUSTER) + ")";
}

/// Takes one picture. Used by one thread.
template <class Platform>
class Diagnostician {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using View = CoreView<Platform>;

    Diagnostician(const SchedulerParts<Platform>& parts, uint64_t completed,
                  const std::vector<View>& cores)
        : parts_(parts), cores_(cores) {
        diagnosis_.submitted = parts.run.submitted();
        diagnosis_.completed = completed;
        diagnosis_.is_submission_finished = parts.run.is_submission_finished();
        diagnosis_.mpsc_skipped_count =
            parts.wait_list.mpsc_skipped_count.load(std::memory_order_relaxed);
    }

    Diagnosis run() {
        for (const View& core : cores_) {
            look_at_core(core);
        }
        look_at_mailbox();
        look_at_wait_list();
        look_at_threads();
        look_at_queues();
        look_at_rings();
        look_at_submission();
        return std::move(diagnosis_);
    }

  private:
    /// Attempts to take a lock that a thread which polls in a loop may hold for moments.
    static constexpr int lock_attempts = 10'000;

    void find(Standstill kind, std::string culprit) { diagnosis_.of(kind).add(std::move(culprit)); }

    static std::string number_text(const char* format, uint64_t value) {
        char text[32];
        std::snprintf(text, sizeof text, format, value);
        return text;
    }

    static std::string name_of(const Slot& slot) {
        return slot.task == nullptr ? "a task" : task_text(slot.task->task_id);
    }

    // Cores.

    void look_at_core(const View& core) {
        if (core.slots.is_idle()) {
            return;
        }
        note_place(core, core.slots.running_id);
        const CoreWord word = CoreWord::of(parts_.cores.read_status(core.number));
        const bool has_pending = core.slots.pending_id != CoreSlots::none;
        if (has_pending) {
            note_place(core, core.slots.pending_id);
        }
        if (core.slots.transition(word) != CoreTransition::NONE) {
            find(Standstill::FIN_NOT_SEEN, core_text(core.number) + " says " + word_text(word) +
                                               ", and thread " + std::to_string(core.thread) +
                                               " has not looked");
        } else if (has_pending && word.id == core.slots.running_id && word.is_fin) {
            find(Standstill::CORE_WITHOUT_ACK, dispatch_text(core, core.slots.pending_id));
        } else if (core.slots.is_pending_occupied && !has_pending) {
            find(Standstill::CORE_WITHOUT_ACK,
                 dispatch_text(core, core.slots.running_id) + "; it says " + word_text(word));
        } else {
            find(Standstill::CORE_WITHOUT_FIN,
                 dispatch_text(core, core.slots.running_id) +
                     (has_pending ? "; " + name_of(*core.tasks[core.slots.pending_id & 1]) +
                                        " waits behind it"
                                  : ""));
        }
    }

    void note_place(const View& core, uint32_t id) { places_.push_back(core.tasks[id & 1]); }

    std::string dispatch_text(const View& core, uint32_t id) const {
        return core_text(core.number) + ": " + name_of(*core.tasks[id & 1]) + ", dispatch " +
               std::to_string(id);
    }

    static std::string word_text(CoreWord word) {
        if (word.raw() == AICORE_STATUS_IDLE || word.raw() == AICORE_STATUS_EXITED) {
            return word.raw() == AICORE_STATUS_IDLE ? "idle" : "exited";
        }
        return (word.is_fin ? "FIN " : "ACK ") + std::to_string(word.id);
    }

    // Mailbox and wait list.

    void look_at_mailbox() {
        if (parts_.mailbox == nullptr) {
            return;
        }
        auto& mailbox = *parts_.mailbox;
        // Relaxed, all three: numbers for people; no payload is read.
        const uint64_t tail = mailbox.tail.load(std::memory_order_relaxed);
        const uint64_t head = mailbox.head.load(std::memory_order_relaxed);
        has_messages_ = head != tail;
        if (has_messages_ &&
            mailbox.entries[tail & mailbox.mask].seq.load(std::memory_order_relaxed) != tail + 1) {
            find(Standstill::TICKET_UNPUBLISHED, "ticket " + std::to_string(tail) +
                                                     " is claimed and not published; " +
                                                     counted(static_cast<int64_t>(head - tail - 1),
                                                             "ticket stands", "tickets stand") +
                                                     " behind it");
        }
    }

    void look_at_wait_list() {
        auto& list = parts_.wait_list;
        for (int attempt = 0; attempt < lock_attempts; ++attempt) {
            if (list.try_lock()) {
                look_at_entries();
                list.unlock();
                return;
            }
            spin_hint();
        }
        is_lock_held_ = true;
        const int32_t count = list.count.load(std::memory_order_relaxed);
        find(Standstill::LOCK_HELD,
             "busy stays taken; " + counted(count, "task waits", "tasks wait") + " there");
    }

    void look_at_entries() {
        // Relaxed: this thread holds the lock.
        const int32_t count = parts_.wait_list.count.load(std::memory_order_relaxed);
        for (int32_t i = 0; i < count; ++i) {
            const auto& entry = parts_.wait_list.entries[i];
            waiting_.push_back(entry.task_token);
            for (int32_t c = 0; c < entry.condition_count; ++c) {
                if (!entry.conditions[c].satisfied) {
                    find(Standstill::CONDITION_OPEN,
                         task_text(entry.task_token) + ": " + condition_text(entry.conditions[c]) +
                             (entry.normal_done ? "" : "; not all its subtasks have ended"));
                }
            }
        }
    }

    static std::string condition_text(const CompletionCondition<Platform>& condition) {
        const std::string at = number_text(" at 0x%" PRIx64, condition.addr);
        if (condition.completion_type == COMPLETION_TYPE_COUNTER) {
            if (const auto seen = read_engine_word<Platform, uint32_t>(condition.addr)) {
                return "counter" + at + " expected " + std::to_string(condition.expected_value) +
                       " or more, seen " + std::to_string(*seen);
            }
        } else if (condition.completion_type == COMPLETION_TYPE_SDMA_EVENT_RECORD) {
            if (const auto seen = read_engine_word<Platform, uint64_t>(condition.addr)) {
                return "event record" + at + " expected transfer " +
                       std::to_string(condition.backend_cookie) + " or a later one, seen " +
                       std::to_string(*seen);
            }
        }
        // How its backend compares is not known here.
        return "type " + std::to_string(condition.completion_type) + at + " expected value " +
               std::to_string(condition.expected_value) + ", cookie " +
               std::to_string(condition.backend_cookie);
    }

    // Threads, queues and rings.

    void look_at_threads() {
        for (const auto& thread : parts_.threads) {
            // Relaxed: shown for this.
            const int32_t kept = thread->releases_shown.load(std::memory_order_relaxed);
            if (kept != 0) {
                find(Standstill::RELEASE_KEPT,
                     "thread " + std::to_string(thread->index) + " keeps " +
                         counted(kept, "completed task", "completed tasks"));
            }
        }
    }

    void look_at_queues() {
        parts_.queues.for_each([this](Slot& slot) {
            places_.push_back(&slot);
            find(Standstill::TASK_WITHOUT_CORE,
                 name_of(slot) + " (" + cores_needed(slot.active_mask) + "): " + reason(slot));
        });
    }

    static std::string cores_needed(uint8_t mask) {
        std::string text;
        for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
            if ((mask >> kind & 1) != 0) {
                text += (text.empty() ? "" : "+") + std::string(core_kind_names[kind]);
            }
        }
        return text.empty() ? "dummy" : text;
    }

    std::string reason(const Slot& slot) const {
        if (slot.active_mask == 0) {
            return "no thread takes it";
        }
        for (size_t first = 0; first + CORES_PER_CLUSTER <= cores_.size();
             first += CORES_PER_CLUSTER) {
            if (is_place(slot.active_mask, &cores_[first])) {
                return "thread " + std::to_string(cores_[first].thread) +
                       " has idle cores and does not take it";
            }
        }
        return "no cluster has all its cores idle";
    }

    static bool is_place(uint8_t mask, const View* cluster) {
        if (task_shape(mask) == TaskShape::AIV) {
            return cluster[1].slots.is_idle() || cluster[2].slots.is_idle();
        }
        bool is_idle = true;
        for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
            is_idle = is_idle && ((mask >> kind & 1) == 0 || cluster[kind].slots.is_idle());
        }
        return is_idle;
    }

    void look_at_rings() {
        // What the mailbox or a locked list holds is not known by its task.
        if (has_messages_ || is_lock_held_) {
            return;
        }
        std::sort(places_.begin(), places_.end());
        for (const auto& ring : parts_.rings) {
            // The watermark first: it cannot pass what is submitted when it is read.
            const uint64_t first = ring->consumed();
            const uint64_t tasks = std::min<uint64_t>(ring->submitted() - first, ring->window());
            for (uint64_t i = 0; i < tasks; ++i) {
                look_at_task(ring->slot(first + i));
            }
        }
    }

    /// A task that could run, or has run, and that no part of the scheduler knows of.
    void look_at_task(const Slot& slot) {
        // Acquire: pairs with the increments of meet_dependency(); the task's fields are visible.
        const int32_t met = slot.fanin_refcount.load(std::memory_order_acquire);
        if (slot.task_state.load(std::memory_order_relaxed) != PTO2_TASK_PENDING || met == 0 ||
            met != slot.fanin_count + 1 ||
            std::binary_search(places_.begin(), places_.end(), &slot) ||
            std::find(waiting_.begin(), waiting_.end(), slot.task->task_id) != waiting_.end()) {
            return;
        }
        find(Standstill::TASK_LOST,
             name_of(slot) + ": " +
                 std::to_string(slot.completed_subtasks.load(std::memory_order_relaxed)) + " of " +
                 std::to_string(slot.total_required_subtasks) +
                 " subtasks have ended, and it is in no queue and on no core");
    }

    void look_at_submission() {
        const uint32_t full = parts_.run.full_ring();
        if (full != RunState::no_ring && !diagnosis_.is_submission_finished) {
            look_at_full_ring(full, *parts_.rings[full]);
        } else if (diagnosis_.submitted == diagnosis_.completed &&
                   !diagnosis_.is_submission_finished) {
            find(Standstill::SUBMISSION_OPEN, "nothing is left to do");
        }
    }

    void look_at_full_ring(uint32_t number, TaskRing<Platform>& ring) {
        const uint64_t first = ring.consumed();
        const uint64_t in_scopes = ring.submitted() - parts_.run.first_held();
        const Slot& slot = ring.slot(first);
        find(Standstill::WINDOW_FULL,
             "ring " + std::to_string(number) + " is held by " + name_of(slot) + ", which has " +
                 state_text(slot) + "; open scopes hold " + std::to_string(in_scopes) + " of its " +
                 std::to_string(ring.submitted() - first) + " tasks");
    }

    static std::string state_text(const Slot& slot) {
        // Relaxed, all three: numbers for people, which may be of different moments.
        if (slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_PENDING) {
            return "not completed";
        }
        const int32_t holds = slot.fanout_count.load(std::memory_order_relaxed) -
                              slot.fanout_refcount.load(std::memory_order_relaxed);
        return "completed and is not released: " + counted(holds, "hold is left", "holds are left");
    }

    const SchedulerParts<Platform>& parts_;
    const std::vector<View>& cores_;
    Diagnosis diagnosis_;
    std::vector<const Slot*> places_;  ///< tasks in a queue or on a core
    std::vector<PTO2TaskId> waiting_;  ///< tasks in the wait list
    bool has_messages_ = false;
    bool is_lock_held_ = false;
};

}  // namespace pto
