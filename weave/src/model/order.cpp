// The choices between stores, for loads and stores that have one.
#include "model/order.h"

#include <algorithm>
#include <cstring>

#include "graph/graph_search.h"

namespace weave {

namespace {

constexpr unsigned alternatives_max = 200;

// Each of these says of the stores of an object, newest first, which ones an operation may read,
// and at which one they end. The newest one is always among them.

struct OfLoad {
    const Knowledge& knowledge;
    bool includes(const Store&) const { return true; }
    bool ends_at(const Store& store) const { return knowledge.knows(store); }
};

struct OfModify {
    const Knowledge& knowledge;
    bool includes(const Store& store) const { return !is_taken(store); }
    bool ends_at(const Store& store) const { return knowledge.knows(store); }
};

struct OfExchange {
    const Knowledge& success;
    const Knowledge& failure;
    const Value& expected;
    bool may_succeed = true;  ///< no newer store is known to the RMW
    bool may_fail = true;     ///< no newer store is known to the load

    bool includes(const Store& store) const {
        return store.value == expected ? may_succeed && !is_taken(store) : may_fail;
    }
    bool ends_at(const Store& store) {
        may_succeed = may_succeed && !success.knows(store);
        may_fail = may_fail && !failure.knows(store);
        return !may_succeed && !may_fail;
    }
};

template <class Candidates>
Store& choose_newest_first(Execution& execution, const Location& location, Candidates candidates,
                           const Store* not_older_than) {
    Candidates again = candidates;
    unsigned count = 0;
    unsigned planned = 0;
    const Store* const wanted =
        execution.graph() == nullptr ? nullptr : execution.graph()->wanted();
    for (const Store* store = location.newest; store != nullptr; store = store->older) {
        planned = store == wanted ? count : planned;
        count += candidates.includes(*store) ? 1 : 0;
        if (candidates.ends_at(*store) || store->older == not_older_than ||
            count == alternatives_max) {
            break;
        }
    }
    unsigned left = count == 1          ? 0
                    : wanted != nullptr ? execution.choose_as_planned(std::min(planned, count - 1))
                                        : execution.choose(Alternative::store, count);
    Store* store = location.newest;
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): the same stores as above.
    while (!again.includes(*store) || left-- != 0) {
        again.ends_at(*store);
        store = store->older;
        WEAVE_CHECK(store != nullptr, left, count);
    }
    return *store;
}

/// Coherence: a store that is newer than the one to be read is unknown.
void check_coherence(const Location& location, const Knowledge& knowledge, const Store& store) {
    WEAVE_CHECK(store.newer == nullptr || !knowledge.knows_write(*store.newer), location.number,
                store.number);
}

/// The stores that a weak compare-exchange may read when it fails spuriously.
struct ToFail {
    unsigned count = 0;
    unsigned planned = 0;  ///< how many are newer than the one that the graph wants
};

ToFail stores_to_fail(Execution& execution, const Location& location, const Touch& touch,
                      std::memory_order failure, const Value& expected, const Store* wanted) {
    const Knowledge knowledge(execution, is_sc(failure));
    const bool is_newest_only = is_newest_known(execution, location, touch, is_sc(failure));
    WEAVE_CHECK(!location.is_mixed, location.number);
    ToFail stores;
    for (const Store* store = location.newest; store != nullptr && stores.count < alternatives_max;
         store = store->older) {
        stores.planned = store == wanted ? stores.count : stores.planned;
        stores.count += store->value == expected ? 1 : 0;
        if (is_newest_only || knowledge.knows(*store)) {
            break;
        }
    }
    return stores;
}

}  // namespace

Store& choose_among(Execution& execution, const Location& location, bool is_sc_operation,
                    const Store* not_older_than) {
    const Knowledge knowledge(execution, is_sc_operation);
    Store& store = choose_newest_first(execution, location, OfLoad{knowledge}, not_older_than);
    check_coherence(location, knowledge, store);
    return store;
}

Store& choose_among_free(Execution& execution, const Location& location, bool is_sc_operation,
                         const Store* not_older_than) {
    const Knowledge knowledge(execution, is_sc_operation);
    Store& store = choose_newest_first(execution, location, OfModify{knowledge}, not_older_than);
    check_coherence(location, knowledge, store);
    return store;
}

Store& choose_to_exchange(Execution& execution, const Location& location,
                          const ExchangeOrders& orders, const Value& expected,
                          const Store* not_older_than) {
    const Knowledge success(execution, is_sc(orders.success));
    const Knowledge failure(execution, is_sc(orders.failure));
    Store& store = choose_newest_first(execution, location, OfExchange{success, failure, expected},
                                       not_older_than);
    check_coherence(location, store.value == expected ? success : failure, store);
    return store;
}

Store* choose_to_fail(Execution& execution, const Location& location, const Touch& touch,
                      std::memory_order failure, const Value& expected) {
    const Store* const wanted =
        execution.graph() == nullptr ? nullptr : execution.graph()->wanted();
    const ToFail stores = stores_to_fail(execution, location, touch, failure, expected, wanted);
    if (stores.count == 0 || execution.choose(Alternative::failure, 2) == 0) {
        return nullptr;
    }
    unsigned left = stores.count == 1 ? 0
                    : wanted != nullptr
                        ? execution.choose_as_planned(std::min(stores.planned, stores.count - 1))
                        : execution.choose(Alternative::store, stores.count);
    Store* store = location.newest;
    while (store->value != expected || left-- != 0) {
        store = store->older;
        WEAVE_CHECK(store != nullptr, left, stores.count);
    }
    check_coherence(location, Knowledge(execution, is_sc(failure)), *store);
    return store;
}

bool may_fail(Execution& execution, const Location& location, const Touch& touch,
              std::memory_order failure, const Value& expected) {
    return stores_to_fail(execution, location, touch, failure, expected, nullptr).count != 0;
}

Store& choose_place_among(Execution& execution, const Location& location, bool is_sc_operation) {
    const Knowledge knowledge(execution, is_sc_operation);
    unsigned count = 1;
    unsigned planned = 0;
    const Store* const wanted =
        execution.graph() == nullptr ? nullptr : execution.graph()->wanted();
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): a thread knows the oldest one.
    for (const Store* store = location.newest; count < alternatives_max && !knowledge.knows(*store);
         store = store->older) {
        count += store->is_rmw ? 0 : 1;
        planned = store->older == wanted ? count - 1 : planned;
    }
    unsigned chosen = count == 1          ? 0
                      : wanted != nullptr ? execution.choose_as_planned(planned)
                                          : execution.choose(Alternative::placement, count);
    Store* place = location.newest;
    while (chosen != 0) {
        chosen -= place->is_rmw ? 0 : 1;
        WEAVE_CHECK(place->older != nullptr, chosen, count);
        place = place->older;
    }
    WEAVE_CHECK(place->newer == nullptr || !knowledge.knows_write(*place->newer), location.number,
                place->number);
    return *place;
}

void grow_readers(Execution& execution, Store& store) {
    WEAVE_CHECK(store.reader_count == store.reader_capacity, store.number);
    auto* const readers = execution.arena.array<Reader>(size_t{2} * store.reader_capacity);
    std::memcpy(readers, store.readers, store.reader_count * sizeof(Reader));
    store.readers = readers;
    store.reader_capacity = static_cast<uint16_t>(2 * store.reader_capacity);
}

}  // namespace weave
