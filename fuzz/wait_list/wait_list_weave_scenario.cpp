// Keeps the history of scenarios of the wait list under weave. Not instrumented.
#include "fuzz/wait_list/wait_list_weave_scenario.h"

#include <algorithm>
#include <string>

#include "fuzz/kit/moments.h"
#include "fuzz/wait_list/wait_list_weave_oracle.h"

namespace fuzz {
namespace {

using Point = WaitListPoint;

/// On real threads only, where several keep the history at once.
class HistoryLock {
  public:
    HistoryLock() {
        while (flag().test_and_set(std::memory_order_acquire)) {
        }
    }
    ~HistoryLock() { flag().clear(std::memory_order_release); }
    HistoryLock(const HistoryLock&) = delete;
    HistoryLock& operator=(const HistoryLock&) = delete;

  private:
    static std::atomic_flag& flag() {
        static std::atomic_flag flag;
        return flag;
    }
};

}  // namespace

void WaitListWeaveScenario::begin_history() noexcept {
    history_ = {};
    for (auto& finished : finished_) {
        finished.store(0, std::memory_order_relaxed);
    }
    for (auto& value : values_) {
        value.store(0, std::memory_order_relaxed);
    }
}

void WaitListWeaveScenario::note_finished(uint32_t task) noexcept {
    finished_[task].fetch_add(1, std::memory_order_relaxed);
    mark_point(point_of(Point::subtask_finished, task), true);
}

void WaitListWeaveScenario::note_value(uint32_t word, uint32_t value) noexcept {
    values_[word].store(value, std::memory_order_relaxed);
    mark_point(point_of(Point::word_set, word, value), true);
}

bool WaitListWeaveScenario::is_ready(uint32_t task) const noexcept {
    if (finished_[task].load(std::memory_order_relaxed) != schedule_.subtasks[task]) {
        return false;
    }
    return std::all_of(schedule_.lists.begin(), schedule_.lists.end(), [&](const auto& list) {
        return std::all_of(list.begin(), list.end(), [&](const Operation& op) {
            const bool leaves = op.call == Call::finish || op.call == Call::finish_in_bulk;
            return !leaves || op.task != task || op.conditions == 0 ||
                   values_[op.word].load(std::memory_order_relaxed) >= op.value;
        });
    });
}

void WaitListWeaveScenario::note_completed(uint32_t task, bool is_locked, bool has_error) noexcept {
    mark_point(point_of(Point::completed, task), true);
    const HistoryLock lock;
    ExploredTask& noted = history_.tasks[task];
    ++noted.completed;
    noted.was_early |= !is_ready(task);
    noted.was_unlocked |= !is_locked;
    noted.was_after_error |= has_error;
}

void WaitListWeaveScenario::note_released(uint32_t task) noexcept {
    mark_point(point_of(Point::released, task), false);
    const HistoryLock lock;
    ExploredTask& noted = history_.tasks[task];
    noted.was_released_early |= noted.completed == 0;
    ++noted.released;
}

void WaitListWeaveScenario::note_other_completed() noexcept {
    const HistoryLock lock;
    const bool is_early = values_[gate_word].load(std::memory_order_relaxed) < engine_value_max;
    // Only the first one that is early has its own number: the others are alike.
    const bool is_first = is_early && history_.others_early == 0;
    mark_point(point_of(Point::other_completed, is_first ? 1 : 0), true);
    ++history_.others_completed;
    history_.others_early += is_early ? 1 : 0;
}

void WaitListWeaveScenario::note_other_released() noexcept {
    const HistoryLock lock;
    ++history_.others_released;
}

void WaitListWeaveScenario::note_stale() noexcept {
    mark_point(point_of(Point::stale), false);
    const HistoryLock lock;
    ++history_.stale;
}

void WaitListWeaveScenario::note_error(int32_t code) noexcept {
    mark_point(point_of(Point::error_told, 0, static_cast<uint32_t>(code)), false);
    const HistoryLock lock;
    history_.saw_another_error |= history_.first_error != 0 && history_.first_error != code;
    history_.first_error = history_.first_error == 0 ? code : history_.first_error;
}

void WaitListWeaveScenario::note_end(const WaitListWeaveEnd& end) noexcept { history_.end = end; }

std::optional<Finding> WaitListWeaveScenario::judge() const {
    return fuzz::judge(schedule_, history_);
}

std::string WaitListWeaveScenario::point_text(uint64_t point) const {
    const std::string number = std::to_string(point >> 32 & 0xff);
    const std::string value = std::to_string(static_cast<uint32_t>(point));
    switch (static_cast<Point>(point >> 40)) {
        case Point::subtask_finished:
            return "a subtask of task " + number + " has finished";
        case Point::completed:
            return "task " + number + " completes";
        case Point::released:
            return "task " + number + " is released";
        case Point::other_completed:
            return "a task of the beginning completes";
        case Point::word_set:
            return "word " + number + " becomes " + value;
        case Point::error_told:
            return "a poll says error " + value;
        case Point::stale:
            return "finds old data";
    }
    return "point " + std::to_string(point);
}

}  // namespace fuzz
