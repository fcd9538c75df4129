// Where the threads of a runner stand in their lists of operations, for the report of a hang.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/runtime/pto_constants.h"

namespace fuzz {

/// The operation that is made, or that all have been.
template <class Operation>
std::string describe_position(const std::vector<Operation>& operations, size_t at) {
    const std::string size = std::to_string(operations.size());
    return at < operations.size()
               ? "operation " + std::to_string(at) + " of " + size + ": " + describe(operations[at])
               : "after all " + size + " operations";
}

/// One number a thread. Each thread stores its own, and any thread reads all; it orders nothing.
template <size_t ThreadsMax>
class Positions {
  public:
    /// The thread begins this operation, or has made all if it is the length of the list.
    void begin(uint32_t thread, size_t operation) {
        at_[thread].operation.store(operation, std::memory_order_relaxed);
    }

    size_t of(uint32_t thread) const {
        return at_[thread].operation.load(std::memory_order_relaxed);
    }

    /// A line for each thread of the schedule.
    template <class Schedule>
    std::string text(const Schedule& schedule) const {
        std::string text;
        for (uint32_t thread = 0; thread < schedule.threads(); ++thread) {
            text += "  " + thread_name(schedule, thread) + ": " +
                    describe_position(schedule.lists[thread], of(thread)) + "\n";
        }
        return text;
    }

  private:
    struct alignas(pto::PTO2_ALIGN_SIZE) At {
        std::atomic<size_t> operation{0};
    };
    std::array<At, ThreadsMax> at_;
};

}  // namespace fuzz
