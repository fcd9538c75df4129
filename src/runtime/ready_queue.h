// The queue of tasks that are ready to run: bounded, lock-free, any number of producers and
// consumers.
//
// It follows D. Vyukov's bounded MPMC queue. Pushes and pops draw tickets from two counters, ticket
// t lives in slot t mod capacity, and a sequence word in every slot says whose turn it is:
//   2 t      free for the push of ticket t
//   2 t + 1  holds the task of ticket t
// A pop of ticket t stores 2 (t + capacity). The factor keeps the two states apart even in a queue
// of one slot. All of it is modulo 2^64.
//
// It differs from Vyukov's queue in when a push finds it full: by the two counters, and not by the
// slot. A slot whose pop has drawn its ticket but has not finished counts as free, and the push
// waits for that one pop. With room for every task there is, such a queue never refuses one.
//
// One edge carries all ordering, in both directions; the counters are relaxed:
//   `sequence` release store in put()   ->  `sequence` acquire load in try_claim_pop()
//   `sequence` release store in take()  ->  `sequence` acquire load in put()
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "pto_assert.h"
#include "pto_constants.h"
#include "spin_hint.h"

namespace pto {

/// A bounded MPMC queue of pointers to `Task`; never null. First in, first out by ticket: if the
/// return of push A happens-before the start of push B, A is popped first.
///
/// All functions but the constructor may be called by any thread at any time; none allocates or
/// throws. A thread stopped between drawing a ticket and using it holds up only those that need
/// that slot: pops stop at an unfinished push, a push one lap later waits for an unfinished pop.
template <class Task>
class ReadyQueue {
  public:
    /// `capacity` is a power of two; throws std::invalid_argument if it is not. `first_ticket` is
    /// any number: tickets begin again after 2^64 - 1.
    explicit ReadyQueue(uint64_t capacity = READY_QUEUE_SIZE, uint64_t first_ticket = 0)
        : mask_(capacity - 1),
          slots_(allocate(capacity)),
          tail_(first_ticket),
          head_(first_ticket) {
        for (uint64_t i = 0; i < capacity; ++i) {
            const uint64_t ticket = first_ticket + i;
            // Relaxed: no other thread knows of the queue yet.
            slots_[ticket & mask_].sequence.store(2 * ticket, std::memory_order_relaxed);
        }
    }

    uint64_t capacity() const noexcept { return mask_ + 1; }

    /// Returns false, with no effect, when the queue is full.
    bool push(Task* task) noexcept { return push_batch(&task, 1) == 1; }

    /// Pushes the first tasks that fit, in order and next to one another; returns how many.
    uint32_t push_batch(Task* const* tasks, uint32_t n) noexcept {
        uint64_t first;
        const uint32_t claimed = try_claim_push(n, first);
        for (uint32_t i = 0; i < claimed; ++i) {
            put(first + i, tasks[i]);
        }
        return claimed;
    }

    /// The oldest task, or null when there is none, or when its push is not finished.
    Task* pop() noexcept {
        Task* task = nullptr;
        pop_batch(&task, 1);
        return task;
    }

    /// Pops up to `max` tasks, oldest first, up to the first whose push is not finished; returns
    /// how many.
    uint32_t pop_batch(Task** tasks, uint32_t max) noexcept {
        uint64_t first;
        const uint32_t claimed = try_claim_pop(max, first);
        for (uint32_t i = 0; i < claimed; ++i) {
            tasks[i] = take(first + i);
        }
        return claimed;
    }

    /// About how many tasks the queue held at some moment, while other threads use it; exact when
    /// none do.
    uint64_t size() const noexcept {
        // Relaxed: a hint.
        return size_from(head_.load(std::memory_order_relaxed));
    }

    /// Calls visit(Task&) for each task that waits, oldest first. For a diagnosis, while no thread
    /// pops. While threads do, it still ends after `capacity()` slots.
    template <class Visit>
    void for_each(Visit&& visit) const {
        // Relaxed: distance() makes a task visible.
        const uint64_t first = head_.load(std::memory_order_relaxed);
        const uint64_t waiting = size_from(first);
        for (uint64_t i = 0; i < waiting; ++i) {
            if (distance(first + i) == 0) {
                visit(*slots_[(first + i) & mask_].task);
            }
        }
    }

    /// Draws min(n, free slots) consecutive tickets for pushes and stores the first in
    /// `first_ticket`; returns how many. Each must be put(). With take() and try_claim_pop() the
    /// building blocks of the functions above.
    uint32_t try_claim_push(uint32_t n, uint64_t& first_ticket) noexcept {
        // All relaxed: a slot is handed over by its sequence word. Stale counters make the
        // compare-exchange fail, or the difference nonsense, which is why they are read again.
        uint64_t t = tail_.load(std::memory_order_relaxed);
        for (;;) {
            const uint64_t used = t - head_.load(std::memory_order_relaxed);
            if (used > capacity()) {
                t = tail_.load(std::memory_order_relaxed);
                continue;
            }
            const uint32_t claim = static_cast<uint32_t>(std::min<uint64_t>(n, capacity() - used));
            if (claim == 0 || tail_.compare_exchange_weak(t, t + claim, std::memory_order_relaxed,
                                                          std::memory_order_relaxed)) {
                first_ticket = t;
                PTO_ASSERT(claim <= n && used + claim <= capacity(), claim, n, used, capacity());
                return claim;
            }
        }
    }

    /// Fills the slot of a ticket that this thread drew for a push. Once per ticket. Waits for the
    /// pop that used the slot before, if that has drawn its ticket and not yet left.
    void put(uint64_t ticket, Task* task) noexcept {
        PTO_ASSERT(task != nullptr, ticket);
        Slot& slot = slots_[ticket & mask_];
        // Acquire: pairs with the release store in take(); that pop has read the slot.
        while (slot.sequence.load(std::memory_order_acquire) != 2 * ticket) {
            spin_hint();
        }
        slot.task = task;
        // Release: pairs with the acquire load in try_claim_pop(); hands over the slot and all that
        // happened before the push.
        slot.sequence.store(2 * ticket + 1, std::memory_order_release);
    }

    /// Draws the tickets of up to `max` finished pushes from the oldest on, up to the first that is
    /// not finished, and stores the first in `first_ticket`; returns how many. Each must be taken.
    uint32_t try_claim_pop(uint32_t max, uint64_t& first_ticket) noexcept {
        // Relaxed, as is the exchange: a stale counter makes it fail.
        uint64_t h = head_.load(std::memory_order_relaxed);
        for (;;) {
            uint32_t ready = 0;
            while (ready < max && distance(h + ready) == 0) {
                ++ready;
            }
            if (ready == 0) {
                if (max == 0 || distance(h) < 0) {
                    return 0;
                }
                h = head_.load(std::memory_order_relaxed);
            } else if (head_.compare_exchange_weak(h, h + ready, std::memory_order_relaxed,
                                                   std::memory_order_relaxed)) {
                first_ticket = h;
                PTO_ASSERT(ready <= max && ready <= capacity(), ready, max, capacity());
                return ready;
            }
        }
    }

    /// Empties the slot of a ticket that this thread drew for a pop. Once per ticket.
    Task* take(uint64_t ticket) noexcept {
        Slot& slot = slots_[ticket & mask_];
        // Relaxed: try_claim_pop() has seen this value, and only this call replaces it.
        PTO_ASSERT(slot.sequence.load(std::memory_order_relaxed) == 2 * ticket + 1, ticket);
        Task* const task = slot.task;
        PTO_ASSERT(task != nullptr, ticket);
        // Release: pairs with the acquire load in put(); the slot has been read.
        slot.sequence.store(2 * (ticket + capacity()), std::memory_order_release);
        return task;
    }

  private:
    struct Slot {
        std::atomic<uint64_t> sequence;
        Task* task;
    };

    static std::unique_ptr<Slot[]> allocate(uint64_t capacity) {
        if (!std::has_single_bit(capacity)) {
            throw std::invalid_argument("ready queue: capacity " + std::to_string(capacity) +
                                        ": must be a power of two, 1 to 9223372036854775808");
        }
        return std::make_unique<Slot[]>(capacity);
    }

    /// How many tasks wait from ticket `h` on, which was the next to pop at some moment.
    uint64_t size_from(uint64_t h) const noexcept {
        // Relaxed: a hint. A thread can see a pop and not yet the push before it; the difference is
        // negative then, and as far as the thread knows the queue is empty.
        const uint64_t t = tail_.load(std::memory_order_relaxed);
        const int64_t waiting = static_cast<int64_t>(t - h);
        return waiting < 0 ? 0 : std::min(static_cast<uint64_t>(waiting), capacity());
    }

    /// Where the slot of `ticket` stands: 0 holds its task, below 0 is before that, above 0 after.
    int64_t distance(uint64_t ticket) const noexcept {
        // Acquire: pairs with the release store in put(); the task and what happened before its
        // push are visible.
        const uint64_t sequence = slots_[ticket & mask_].sequence.load(std::memory_order_acquire);
        return static_cast<int64_t>(sequence - (2 * ticket + 1));
    }

    const uint64_t mask_;
    const std::unique_ptr<Slot[]> slots_;
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> tail_;  ///< tickets drawn by pushes
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> head_;  ///< tickets drawn by pops
};

}  // namespace pto
