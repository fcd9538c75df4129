// Locks and all else that threads wait on, by the address of the program's object.
#pragma once

#include <cstdint>

#include "model/cells.h"
#include "model/clock.h"
#include "run/base.h"
#include "run/thread.h"

namespace weave {

enum class SyncKind : uint8_t {
    mutex,
    shared_mutex,
    condition,
    once,
    semaphore,
    barrier,
    futex,
    count
};

/// What an operation needs of an object before it can be done.
enum class Wants : uint8_t {
    nothing,    ///< it can always be done
    exclusive,  ///< no thread holds it; a unit of a semaphore; no thread runs the function
    shared      ///< no thread holds it exclusively
};

struct SyncObject {
    uintptr_t address;
    SyncObject* next;         ///< another one in the same cell
    SyncObject* made_before;  ///< the one with the next lower number
    SyncKind kind;
    bool is_recursive;
    bool is_error_checking;
    bool is_robust;
    bool is_inconsistent;  ///< the owner of a robust mutex has ended
    bool is_lost;          ///< a robust mutex that was unlocked while inconsistent
    bool is_initialised;   ///< by an init function in this execution
    uint16_t owner;        ///< a thread, or `no_owner`
    uint32_t number;       ///< within the execution, from 1
    uint32_t depth;        ///< of a recursive lock
    uint32_t count;        ///< readers of a shared lock, units of a semaphore, threads in a barrier
    bool prefers_writers;  ///< a shared lock, which no reader gets while a writer waits
    uint32_t writers_waiting;
    uint32_t limit;  ///< threads that a barrier waits for
    uint32_t taken_pc;
    ThreadSet waiters;
    ThreadSet readers;
    const Snapshot* released;  ///< what the next holder acquires
    const Snapshot* released_by_readers;
    Watch content;              ///< changes when a holder that has changed something gives it back
    Watch availability;         ///< changes when it is given back
    uint16_t* shared_by;        ///< the number of its shared locks, by thread
    const SyncObject* partner;  ///< the mutex that the waiters of a condition variable have given
    SyncObject* next_robust;    ///< of the execution
    uint64_t* changes_at_lock;  ///< the holder's public changes when it took the lock, by thread
    uint16_t* queue;  ///< waiters of a condition variable or a futex, oldest first; null: it had
                      ///< none
    uint32_t queue_length;

    static constexpr uint16_t no_owner = 0xffff;

    /// Does the thread hold it, exclusively or as a reader?
    bool is_held_by(unsigned thread) const {
        return owner == thread || (shared_by != nullptr && shared_by[thread] != 0);
    }
};

/// All such objects of an execution. They are found through the cells of their addresses.
class SyncObjects {
  public:
    SyncObjects(Cells& cells, Arena& arena) : cells_(cells), arena_(arena) {}

    void begin_execution() {
        count_ = 0;
        newest_ = nullptr;
    }
    /// The object that was made last, or null.
    const SyncObject* newest() const { return newest_; }
    /// The object at an address, made if there is none of that kind.
    SyncObject& find_or_make(uintptr_t address, SyncKind kind);
    /// The object at an address, or null.
    SyncObject* find(uintptr_t address);
    /// Ends the life of the object at an address, if there is one.
    void forget(uintptr_t address);
    /// Does the thread hold a lock for which others wait, or which they poll?
    bool keeps_wanted_lock(unsigned thread) const;

  private:
    Cells& cells_;
    Arena& arena_;
    uint32_t count_ = 0;
    SyncObject* newest_ = nullptr;
};

}  // namespace weave
