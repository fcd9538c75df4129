// A plain tree with the first set of names, for the tests of --subject: ids, slots and codes.
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

#define PTO2_ALIGN_SIZE 64
#define PTO2_ERROR_NONE 0
#define PTO2_ERROR_ASYNC_COMPLETION_INVALID 101
#define PTO2_ERROR_ASYNC_WAIT_OVERFLOW 102
#define PTO2_ERROR_ASYNC_REGISTRATION_FAILED 103

struct PTO2TaskId {
    uint64_t raw;

    static PTO2TaskId make(uint32_t ring, uint32_t local) { return {uint64_t{ring} << 32 | local}; }
    static PTO2TaskId invalid() { return {~uint64_t{0}}; }
    bool operator==(const PTO2TaskId&) const = default;
};

struct TaskDescriptor {
    PTO2TaskId task_id;
};

enum TaskState : int32_t { PTO2_TASK_PENDING, PTO2_TASK_COMPLETED, PTO2_TASK_CONSUMED };

struct alignas(PTO2_ALIGN_SIZE) PTO2TaskSlotState {
    std::atomic<TaskState> task_state;
    TaskDescriptor* task;
};
