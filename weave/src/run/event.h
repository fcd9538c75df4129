// The timeline of an execution: what happened, in order, as a report shows it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

/// How a wait begins, and perhaps ends at once: Event::value of one on a futex.
enum class WaitBegin : uint8_t { sleeps, has_changed, ends_for_no_reason, ends_by_limit };

/// A line of the timeline.
struct Event {
    enum class Kind : uint8_t {
        load,
        store,
        rmw,
        exchange_failed,
        fence,
        end,
        join,
        lock,
        try_lock_failed,  ///< `value` is 1 if it has failed for no reason, 2 by its limit in time
        unlock,
        wait,         ///< `value` is a WaitBegin
        woken,        ///< `value` is 1 if the wait has ended by its limit
        notify,       ///< `value` is the thread that it wakes plus 1; all that wait: ~0; 0: none
        take,         ///< of a semaphore; `value` is its count afterwards
        post,         ///< the same
        arrive,       ///< at a barrier; `value` is how many have arrived in this round
        call_once,    ///< of once: this thread calls the function
        once_done,    ///< it has returned
        send_signal,  ///< `value` is the signal, `object` the thread or no_thread
        run_handler,  ///< of the signal `value`
        wake,
        plain_read,   ///< only of a finding: added by the report
        plain_write,  ///< the same
        create,
        allocate,
        free,
        yield,          ///< `value` is how long the thread sleeps, or until when, in ns
        look_at_clock,  ///< `value` is the time in ns since the execution began
        limit,          ///< a wait ends by its limit
        mark            ///< `value` is the test's number; see weave.h
    };
    static constexpr uint32_t no_thread = ~uint32_t{0};
    /// `address` of marks whose order matters; no object has it.
    static constexpr uintptr_t address_of_marks = 1;

    Kind kind;
    uint16_t thread;    ///< set by Execution::trace(), like `step`
    uint8_t order;      ///< a std::memory_order
    uint8_t size;       ///< of the access, in bytes
    uint16_t writer;    ///< thread that made the store that was read
    bool is_stale;      ///< there was a newer store
    uint32_t object;    ///< number of the location, lock, block or thread
    uintptr_t address;  ///< of the location or lock; 0: the event is about neither
    uint32_t pc;
    uint32_t step;
    uint32_t read_step;  ///< the step that made the store that was read; 0: initial value
    uint64_t value;
    uint64_t old_value;
    uint32_t callers[4];  ///< the calls around `pc`, the innermost first; 0: no more
};

/// Is the event's object an atomic one?
inline bool is_of_atomic(Event::Kind kind) {
    return kind == Event::Kind::load || kind == Event::Kind::store || kind == Event::Kind::rmw ||
           kind == Event::Kind::exchange_failed;
}

/// Does the event read an atomic object?
inline bool reads_atomic(Event::Kind kind) {
    return is_of_atomic(kind) && kind != Event::Kind::store;
}

/// Does it change one?
inline bool writes_atomic(Event::Kind kind) {
    return kind == Event::Kind::store || kind == Event::Kind::rmw;
}

/// Is it a lock or the like?
inline bool is_of_lock(Event::Kind kind) {
    return kind == Event::Kind::lock || kind == Event::Kind::try_lock_failed ||
           kind == Event::Kind::unlock || kind == Event::Kind::wait || kind == Event::Kind::woken ||
           kind == Event::Kind::notify || kind == Event::Kind::take || kind == Event::Kind::post ||
           kind == Event::Kind::arrive || kind == Event::Kind::call_once ||
           kind == Event::Kind::once_done;
}

/// The events of one execution, if it is traced. Events past `events_max` are dropped.
class Timeline {
  public:
    static constexpr size_t events_max = size_t{1} << 22;

    void begin_execution(bool is_traced) {
        is_traced_ = is_traced;
        events_.clear();
    }
    bool is_traced() const { return is_traced_; }
    void add(const Event& event) {
        WEAVE_CHECK(is_traced_);
        if (!events_.is_full()) {
            events_.push(event);
        }
    }
    const Growing<Event, events_max>& events() const { return events_; }

  private:
    bool is_traced_ = false;
    Growing<Event, events_max> events_;
};

}  // namespace weave
