// The ready queue alone: pushers and poppers, and the main thread pops what is left.
#include <array>
#include <cassert>
#include <cstdint>
#include <thread>

#include <ready_queue.h>

#include "scenario.h"

namespace {

constexpr uint64_t capacity = 2;
constexpr uint32_t tasks_max = 4;

struct Task {
    int value = 0;  ///< plain: written before the push, read after the pop
    int popped = 0;
};

using Queue = pto::ReadyQueue<Task>;

class Run {
  public:
    explicit Run(uint64_t first_ticket) : queue_(capacity, first_ticket) {}

    void push(uint32_t number) {
        tasks_[number].value = static_cast<int>(number) + 1;
        pushed_[number] = queue_.push(&tasks_[number]);
    }

    void push_both(uint32_t first) {
        std::array<Task*, 2> both{&tasks_[first], &tasks_[first + 1]};
        both[0]->value = static_cast<int>(first) + 1;
        both[1]->value = static_cast<int>(first) + 2;
        const uint32_t got = queue_.push_batch(both.data(), 2);
        pushed_[first] = got > 0;
        pushed_[first + 1] = got > 1;
    }

    bool pop() {
        Task* const task = queue_.pop();
        if (task == nullptr) {
            return false;
        }
        assert(task->value == task - tasks_.data() + 1);
        assert(++task->popped == 1);
        return true;
    }

    /// Pops the rest: what was pushed has come out once, and nothing else.
    void end(uint32_t tasks) {
        while (pop()) {
        }
        assert(queue_.size() == 0);
        uint32_t count = 0;
        for (uint32_t i = 0; i < tasks; ++i) {
            assert(tasks_[i].popped == (pushed_[i] ? 1 : 0));
            count += pushed_[i] ? 1 : 0;
        }
        assert(count >= std::min<uint64_t>(tasks, capacity));
    }

  private:
    Queue queue_;
    std::array<Task, tasks_max> tasks_{};
    std::array<bool, tasks_max> pushed_{};
};

template <uint64_t FirstTicket>
void two_by_two() {
    Run run(FirstTicket);
    std::thread first([&run] { run.push(0); });
    std::thread second([&run] { run.push(1); });
    std::thread third([&run] { run.pop(); });
    std::thread fourth([&run] { run.pop(); });
    first.join();
    second.join();
    third.join();
    fourth.join();
    run.end(2);
}

void batch() {
    Run run(0);
    std::thread both([&run] { run.push_both(0); });
    std::thread one([&run] { run.push(2); });
    std::thread consumer([&run] {
        run.pop();
        run.pop();
    });
    both.join();
    one.join();
    consumer.join();
    run.end(3);
}

constexpr const char* nothing_lost =
    "no task is lost, handed out twice, or seen before it was written; refused only when full";

constexpr verify::Scenario all[] = {
    {"ready_queue/2x2", nothing_lost, "2 pushes and 2 pops on 4 threads, 2 slots", 547, false,
     two_by_two<0>},
    {"ready_queue/wrap", nothing_lost,
     "2 pushes and 2 pops on 4 threads, 2 slots, from ticket 2^64 - 1 on", 1'317, false,
     two_by_two<~uint64_t{0}>},
    {"ready_queue/batch", nothing_lost, "a batch of 2, a push and 2 pops, 2 slots", 308, false,
     batch},
};

}  // namespace

std::span<const verify::Scenario> verify::scenarios() { return all; }
