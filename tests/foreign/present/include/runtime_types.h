// A plain tree with the present names, for the tests of --subject: ids, slots and codes.
//
// PLAIN_FAULT is the number of the fault that it has: 1 a plain count, 2 an unsigned difference of
// cursors, 3 a push that spins on a full ring, 4 a message that is lost after an error, 5 a lock
// that an error leaves held, 6 a lock that is looked at and then set; 0 none.
#pragma once

#include <atomic>
#include <cstdint>

#ifndef PLAIN_FAULT
#define PLAIN_FAULT 0
#endif

inline constexpr int32_t SIMPLER_ERROR_NONE = 0;
inline constexpr int32_t SIMPLER_ERROR_ASYNC_COMPLETION_INVALID = 101;
inline constexpr int32_t SIMPLER_ERROR_ASYNC_WAIT_OVERFLOW = 102;
inline constexpr int32_t SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED = 103;

struct TaskId {
    uint64_t raw = ~uint64_t{0};

    static TaskId make(uint32_t ring, uint32_t local) { return {uint64_t{ring} << 32 | local}; }
    static TaskId invalid() { return {}; }
    friend bool operator==(TaskId a, TaskId b) { return a.raw == b.raw; }
};

struct TaskDescriptor {
    TaskId task_id;
};

struct alignas(64) ChipTaskSlotState {
    std::atomic<int32_t> task_state;  // 0 pending, 1 completed
    TaskDescriptor* task = nullptr;
};
