// Work-stealing queues, in which the owner and a thief take the last item both; and SafeStack.
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

#include "subjects.h"

namespace finding {

namespace {

constexpr int items_max = 16;
constexpr int nothing = -1;

/// How often each item was taken: no more than once.
class Takings {
  public:
    void note(int item) {
        if (item != nothing) {
            const int before = times_[item].fetch_add(1);
            assert(before == 0);
        }
    }

  private:
    std::atomic<int> times_[items_max] = {};
};

/// Chase and Lev, Dynamic Circular Work-Stealing Deque, SPAA 2005, without growth.
class Deque {
  public:
    void push(int item) {
        const int bottom = bottom_;
        items_[bottom % items_max] = item;
        bottom_ = bottom + 1;
    }

    int pop() {
        const int bottom = bottom_ - 1;
        bottom_ = bottom;
        const int top = top_;
        if (top > bottom) {
            bottom_ = bottom + 1;
            return nothing;
        }
        // Wrong: with top == bottom a thief may take the item too.
        return items_[bottom % items_max];
    }

    int steal() {
        int top = top_;
        if (top >= bottom_) {
            return nothing;
        }
        const int item = items_[top % items_max];
        return top_.compare_exchange_strong(top, top + 1) ? item : nothing;
    }

  private:
    std::atomic<int> top_{0};
    std::atomic<int> bottom_{0};
    std::atomic<int> items_[items_max] = {};
};

/// Frigo, Leiserson, Randall, The Implementation of the Cilk-5 Multithreaded Language, PLDI 1998,
/// simplified: a thief holds the lock, the owner takes it for the last item only.
class LockedDeque {
  public:
    void push(int item) {
        const int tail = tail_;
        items_[tail % items_max] = item;
        tail_ = tail + 1;
    }

    int pop() {
        const int tail = tail_ - 1;
        // Wrong: with head == tail the lock is needed.
        if (head_ <= tail) {
            tail_ = tail;
            return items_[tail % items_max];
        }
        const std::lock_guard guard(lock_);
        if (head_ > tail) {
            return nothing;
        }
        tail_ = tail;
        return items_[tail % items_max];
    }

    int steal() {
        const std::lock_guard guard(lock_);
        const int head = head_;
        if (head >= tail_) {
            return nothing;
        }
        head_ = head + 1;
        return items_[head % items_max];
    }

  private:
    std::mutex lock_;
    std::atomic<int> head_{0};
    std::atomic<int> tail_{0};
    std::atomic<int> items_[items_max] = {};
};

template <class Queue>
void share(int items) {
    Queue queue;
    Takings takings;
    const auto steal_some = [&] {
        for (int i = 0; i < items / 2; ++i) {
            takings.note(queue.steal());
        }
    };
    std::thread first(steal_some);
    std::thread second(steal_some);
    for (int item = 0; item < items; ++item) {
        queue.push(item);
        if (item % 2 == 1) {
            takings.note(queue.pop());
        }
    }
    for (int i = 0; i < items / 2; ++i) {
        takings.note(queue.pop());
    }
    first.join();
    second.join();
}

/// A stack of indices by Dmitry Vyukov: an element that is taken out is marked, so that the
/// compare-exchange of another thread should not succeed after it has come back.
class SafeStack {
  public:
    explicit SafeStack(int size) : count_(size), next_(static_cast<size_t>(size)) {
        for (int i = 0; i < size; ++i) {
            at(i) = i + 1 < size ? i + 1 : end;
        }
    }

    /// Returns an element, or `nothing` if there may be too few.
    int pop() {
        while (count_ > 1) {
            const int first = head_;
            const int second = at(first).exchange(taken);
            if (second < 0) {
                continue;
            }
            int expected = first;
            if (head_.compare_exchange_strong(expected, second)) {
                count_ -= 1;
                return first;
            }
            at(first).exchange(second);
        }
        return nothing;
    }

    void push(int element) {
        int first = head_;
        do {
            at(element) = first;
        } while (!head_.compare_exchange_strong(first, element));
        count_ += 1;
    }

  private:
    static constexpr int taken = -1;
    static constexpr int end = -1;

    std::atomic<int>& at(int element) { return next_[static_cast<size_t>(element)]; }

    std::atomic<int> head_{0};
    std::atomic<int> count_;
    std::vector<std::atomic<int>> next_;
};

}  // namespace

void work_stealing(int items) { share<Deque>(items); }
void work_stealing_with_lock(int items) { share<LockedDeque>(items); }

void safe_stack(int count) {
    SafeStack stack(count);
    std::vector<std::atomic<int>> owners(static_cast<size_t>(count));
    std::vector<std::thread> threads;
    for (int id = 0; id < count; ++id) {
        threads.emplace_back([&stack, &owners, id] {
            for (int round = 0; round < 2; ++round) {
                int element = nothing;
                while (element == nothing) {
                    element = stack.pop();
                }
                owners[static_cast<size_t>(element)] = id;
                assert(owners[static_cast<size_t>(element)] == id);
                stack.push(element);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace finding
