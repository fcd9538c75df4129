// The memory orders: which stores of an atomic object a load may return, what a thread learns from
// it, and where a new store goes in the modification order.
//
// A store is *known* to a thread if the thread, or a thread whose events happen before its next
// one, has made or read it. A load may return the newest known store and every newer one: that is
// coherence (C++20 [intro.races] p15 to p18). Sequentially consistent operations and fences make
// more stores known ([atomics.order] p4). weave/README.md has the model as a whole.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "model/location.h"
#include "run/execution.h"

namespace weave {

/// memory_order_consume counts as acquire, as compilers treat it.
inline bool acquires(std::memory_order order) {
    return order == std::memory_order_acquire || order == std::memory_order_consume ||
           order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

inline bool releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

inline bool is_sc(std::memory_order order) { return order == std::memory_order_seq_cst; }

// ----- which stores a thread knows --------------------------------------------------------------

/// Which stores the current thread knows, for one operation of its own.
class Knowledge {
  public:
    Knowledge(Execution& execution, bool is_sc_operation)
        : clock_(execution.current().clock),
          fences_(is_sc_operation ? execution.sc.fences() : nullptr),
          is_sc_(is_sc_operation) {}

    /// Is the write itself one of the events that the thread knows? That is write-read and
    /// write-write coherence, [intro.races] p15 and p18.
    bool knows_write(const Store& store) const { return store.epoch <= known(store.writer); }

    bool knows(const Store& store) const {
        if (knows_write(store)) {
            return true;
        }
        // Read-read and read-write coherence, [intro.races] p16 and p17.
        for (unsigned i = 0; i < store.reader_count; ++i) {
            if (store.readers[i].at <= known(store.readers[i].thread)) {
                return true;
            }
        }
        // The order S, [atomics.order] p4: an SC operation that made or read the store comes before
        // this SC operation (p4.1), or before an SC fence that happens before this operation
        // (p4.3).
        return store.sc_position != 0 && (is_sc_ || store.sc_position < clock_.last_fence());
    }

  private:
    /// Up to which epoch of a thread all is known. An SC operation also knows what SC fences before
    /// it in S knew ([atomics.order] p4.2).
    Epoch known(unsigned thread) const {
        const Epoch own = clock_.coherence(thread);
        return fences_ == nullptr ? own : std::max(own, fences_->coherence(thread));
    }

    const Clock& clock_;
    const Clock* const fences_;
    const bool is_sc_;
};

Store& choose_among(Execution& execution, const Location& location, bool is_sc_operation,
                    const Store* not_older_than);

/// Is the newest store all that an operation of the current thread may read or follow? `touch` is
/// the thread's. `IsQuick` here and below: the execution has_quick_operations().
template <bool IsQuick = false>
WEAVE_HOT bool is_newest_known(Execution& execution, const Location& location, const Touch& touch,
                               bool is_sc_operation) {
    WEAVE_CHECK(location.newest->newer == nullptr, location.number);
    return touch.known == location.newest ||
           (!IsQuick && execution.settings().memory == Memory::sc) ||
           Knowledge(execution, is_sc_operation).knows(*location.newest);
}

/// The store that a load returns; a Chooser decides. A store that is older than `not_older_than`,
/// or that one itself, is not chosen unless it is the newest. `touch` is the current thread's.
template <bool IsQuick = false>
WEAVE_HOT Store& choose_store(Execution& execution, const Location& location, const Touch& touch,
                              bool is_sc_operation, const Store* not_older_than) {
    if (is_newest_known<IsQuick>(execution, location, touch, is_sc_operation)) {
        return *location.newest;
    }
    return choose_among(execution, location, is_sc_operation, not_older_than);
}

Store& choose_place_among(Execution& execution, const Location& location, bool is_sc_operation);

/// Has an RMW read a store? The RMW's own store then comes right after it ([atomics.order] p10).
inline bool is_taken(const Store& store) { return store.newer != nullptr && store.newer->is_rmw; }

Store& choose_among_free(Execution& execution, const Location& location, bool is_sc_operation,
                         const Store* not_older_than);

/// The store that an RMW reads, and right after which its own goes; a Chooser decides. It is one
/// that a load may return, but none that another RMW has read.
template <bool IsQuick = false>
WEAVE_HOT Store& choose_to_modify(Execution& execution, const Location& location,
                                  const Touch& touch, bool is_sc_operation,
                                  const Store* not_older_than) {
    if (location.is_mixed ||
        is_newest_known<IsQuick>(execution, location, touch, is_sc_operation)) {
        return *location.newest;
    }
    return choose_among_free(execution, location, is_sc_operation, not_older_than);
}

/// A compare-exchange: an RMW with one order if it reads `expected`, a load with another one if not
/// ([atomics.types.operations]).
struct ExchangeOrders {
    std::memory_order success;
    std::memory_order failure;
};

/// Is the newest store all that it can read?
template <bool IsQuick = false>
WEAVE_HOT bool exchanges_newest(Execution& execution, const Location& location,
                                const ExchangeOrders& orders) {
    // What an operation knows that is not SC, it would know as an SC operation too.
    return location.is_mixed ||
           is_newest_known<IsQuick>(execution, location, location.touches[execution.current().id],
                                    is_sc(orders.success) && is_sc(orders.failure));
}

/// The store that a compare-exchange reads if there is more than one; a Chooser decides.
Store& choose_to_exchange(Execution& execution, const Location& location,
                          const ExchangeOrders& orders, const Value& expected,
                          const Store* not_older_than);

/// The store that a weak compare-exchange reads when it fails spuriously, a load with the order
/// `failure` that returns `expected`; a Chooser decides. Null if there is none.
Store* choose_to_fail(Execution& execution, const Location& location, const Touch& touch,
                      std::memory_order failure, const Value& expected);

/// Does choose_to_fail() let a Chooser decide?
bool may_fail(Execution& execution, const Location& location, const Touch& touch,
              std::memory_order failure, const Value& expected);

/// The store that a new one follows in the modification order; a Chooser decides. A store does not
/// go between an RMW and the store that this read ([atomics.order] p10).
template <bool IsQuick = false>
WEAVE_HOT Store& choose_place(Execution& execution, const Location& location, const Touch& touch,
                              bool is_sc_operation) {
    if (location.is_mixed ||
        is_newest_known<IsQuick>(execution, location, touch, is_sc_operation)) {
        return *location.newest;
    }
    return choose_place_among(execution, location, is_sc_operation);
}

// ----- what a thread learns, and what others may learn from it ----------------------------------

/// Gives a store room for twice as many readers.
void grow_readers(Execution& execution, Store& store);

/// Notes that the current thread has read a store.
WEAVE_HOT void mark_read(Execution& execution, Store& store) {
    const Thread& thread = execution.current();
    if (store.writer == thread.id) {
        return;
    }
    for (unsigned i = 0; i < store.reader_count; ++i) {
        if (store.readers[i].thread == thread.id) {
            return;
        }
    }
    if (store.reader_count == store.reader_capacity) [[unlikely]] {
        grow_readers(execution, store);
    }
    store.readers[store.reader_count++] = {thread.clock.coherence(thread.id), thread.id};
}

/// Notes that an SC operation has made or read a store.
inline void mark_sc(Execution& execution, Store& store) {
    const uint32_t position = execution.sc.next_position();
    WEAVE_CHECK(store.sc_position < position, store.sc_position, position);
    if (store.sc_position == 0) {
        store.sc_position = position;
    }
}

/// The current thread has read a store. An acquire synchronises with the release that the store
/// carries ([atomics.order] p2); otherwise a later acquire fence may ([atomics.fences] p4).
/// `touch` is the thread's.
WEAVE_HOT void learn_from(Execution& execution, Touch& touch, Store& store,
                          std::memory_order order) {
    if (touch.known != &store) {
        touch.known = &store;
        mark_read(execution, store);
    }
    if (is_sc(order)) {
        mark_sc(execution, store);
    }
    if (store.release == nullptr) {
        return;
    }
    Thread& thread = execution.current();
    if (thread.clock.has_joined(*store.release) && !execution.locations.had_unseen_store()) {
        return;
    }
    if (acquires(order)) {
        thread.clock.join(*store.release);
    } else {
        thread.pending.join(*store.release);
    }
}

/// What synchronises with an acquire load of a store that the current thread makes now: the store
/// itself if it releases, otherwise the thread's last release fence ([atomics.fences] p2, p3).
WEAVE_HOT const Snapshot* release_by(Execution& execution, std::memory_order order) {
    const Thread& thread = execution.current();
    return releases(order) ? thread.clock.release(execution.arena, thread.id)
                           : thread.release_fence;
}

/// A store of the current thread to be added.
struct NewStore {
    Value value;  ///< of the whole location
    const Snapshot* release;
    std::memory_order order;
    uint32_t pc;
    bool is_rmw;
};

/// Adds a store right after `older` in the modification order. The newest one is also in the
/// program's memory. `touch` is the current thread's. `Size` is that of the access, and of the
/// object if that is not mixed; 0: any.
template <unsigned Size = 0>
WEAVE_HOT Store& add_store(Execution& execution, Location& location, Touch& touch, Store& older,
                           const NewStore& added) {
    // Nothing goes between an RMW and the store that it read.
    WEAVE_CHECK(!is_taken(older), location.number, older.number);
    Thread& thread = execution.current();
    auto* const store = static_cast<Store*>(execution.arena.bytes(sizeof(Store)));
    store->newer = older.newer;
    store->older = &older;
    store->value = added.value;
    store->release = added.release;
    store->readers = store->first_readers;
    store->reader_count = 0;
    store->reader_capacity = Store::inline_readers;
    store->epoch = thread.clock.happens_before(thread.id);
    store->sc_position = 0;
    store->number = execution.locations.next_store();
    store->step = execution.step();
    store->pc = added.pc;
    store->writer = thread.id;
    store->is_rmw = added.is_rmw;
    older.newer = store;
    touch.known = store;
    if (store->newer != nullptr) {
        store->newer->older = store;
    } else {
        location.newest = store;
        if (Size != 0 && !location.is_mixed) [[likely]] {
            std::memcpy(reinterpret_cast<void*>(location.address), &added.value, Size);
        } else {
            write_bytes(location.address, location.size, added.value);
        }
        if (location.has_spinners && added.value != older.value) {
            stop_spinners(execution, location);
        }
    }
    if (is_sc(added.order)) {
        mark_sc(execution, *store);
    }
    if (releases(added.order)) {
        thread.tick();
    }
    return *store;
}

}  // namespace weave
