// The check of a run's result: what ran, and whether it was ready. Slow, so only rounds that are
// not timed use it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "bench/scheduler/graph.h"

namespace bench {

/// A condition that a subtask left: it holds once the word has reached the value.
struct LeftCondition {
    const std::atomic<uint32_t>* word = nullptr;
    uint32_t expected = 0;

    bool holds() const {
        // Relaxed: the scheduler has tested it with acquire before the task that asks here could
        // start.
        return word == nullptr || word->load(std::memory_order_relaxed) >= expected;
    }
};

/// Counts the subtasks of a graph, and looks at the producers of each. Any thread.
class Ledger {
  public:
    static constexpr int32_t blocks_max = 4;

    explicit Ledger(const Graph& graph)
        : graph_(graph), tasks_(std::make_unique<Task[]>(graph.task_count)) {}

    /// A subtask begins.
    void begin(uint64_t number) {
        graph_.for_each_producer(number, [this](uint64_t producer) {
            if (!is_done(producer)) {
                // Relaxed: read when all threads have ended.
                early_.store(true, std::memory_order_relaxed);
            }
        });
    }

    /// It has ended, and left this.
    void end(uint64_t number, int32_t block, const LeftCondition& left) {
        tasks_[number].left[static_cast<size_t>(block)] = left;
        // Relaxed: the scheduler orders the ends of a task before the task that asks for them.
        tasks_[number].ends.fetch_add(1, std::memory_order_relaxed);
    }

    /// What is wrong, or null. When all threads have ended.
    const char* problem() const {
        for (uint64_t number = 0; number < graph_.task_count; ++number) {
            if (ends(number) != graph_.task(number).block_num) {
                return "a subtask did not run, or ran twice";
            }
        }
        // Relaxed: quiescence orders it.
        return early_.load(std::memory_order_relaxed)
                   ? "a task ran before one that it depends on was done"
                   : nullptr;
    }

  private:
    struct Task {
        std::atomic<int32_t> ends = 0;
        std::array<LeftCondition, blocks_max> left = {};
    };

    int32_t ends(uint64_t number) const {
        return tasks_[number].ends.load(std::memory_order_relaxed);
    }

    bool is_done(uint64_t number) const {
        bool done = ends(number) == graph_.task(number).block_num;
        for (const LeftCondition& left : tasks_[number].left) {
            done = done && left.holds();
        }
        return done;
    }

    const Graph& graph_;
    const std::unique_ptr<Task[]> tasks_;
    std::atomic<bool> early_ = false;
};

}  // namespace bench
