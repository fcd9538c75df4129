// Keeps the history of scenarios of the wait list under weave. Not instrumented.
#include "fuzz/wait_list/wait_list_weave_scenario.h"

#include <algorithm>

#include "fuzz/wait_list/wait_list_weave_oracle.h"

namespace fuzz {
namespace {

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
}

void WaitListWeaveScenario::note_value(uint32_t word, uint32_t value) noexcept {
    values_[word].store(value, std::memory_order_relaxed);
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
    const HistoryLock lock;
    ExploredTask& noted = history_.tasks[task];
    ++noted.completed;
    noted.was_early |= !is_ready(task);
    noted.was_unlocked |= !is_locked;
    noted.was_after_error |= has_error;
}

void WaitListWeaveScenario::note_released(uint32_t task) noexcept {
    const HistoryLock lock;
    ExploredTask& noted = history_.tasks[task];
    noted.was_released_early |= noted.completed == 0;
    ++noted.released;
}

void WaitListWeaveScenario::note_other_completed() noexcept {
    const HistoryLock lock;
    ++history_.others_completed;
    history_.others_early += values_[gate_word].load(std::memory_order_relaxed) < engine_value_max;
}

void WaitListWeaveScenario::note_other_released() noexcept {
    const HistoryLock lock;
    ++history_.others_released;
}

void WaitListWeaveScenario::note_stale() noexcept {
    const HistoryLock lock;
    ++history_.stale;
}

void WaitListWeaveScenario::note_error(int32_t code) noexcept {
    const HistoryLock lock;
    history_.saw_another_error |= history_.first_error != 0 && history_.first_error != code;
    history_.first_error = history_.first_error == 0 ? code : history_.first_error;
}

void WaitListWeaveScenario::note_end(const WaitListWeaveEnd& end) noexcept { history_.end = end; }

std::optional<Finding> WaitListWeaveScenario::judge() const {
    return fuzz::judge(schedule_, history_);
}

}  // namespace fuzz
