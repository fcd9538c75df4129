// The choices between stores, for loads and stores that have one.
#include "model/order.h"

#include <cstring>

namespace weave {

namespace {

constexpr unsigned alternatives_max = 200;

}  // namespace

Store& choose_among(Execution& execution, const Location& location, const Knowledge& knowledge,
                    const Store* not_older_than) {
    unsigned count = 1;
    for (const Store* oldest = location.newest;
         oldest->older != nullptr && oldest->older != not_older_than && count < alternatives_max;) {
        oldest = oldest->older;
        ++count;
        if (knowledge.knows(*oldest)) {
            break;
        }
    }
    Store* store = location.newest;
    for (unsigned chosen = count == 1 ? 0 : execution.choose(Alternative::store, count);
         chosen != 0; --chosen) {
        WEAVE_CHECK(store->older != nullptr, chosen, count);
        store = store->older;
    }
    // Coherence: a store that is newer than the one to be read is unknown.
    WEAVE_CHECK(store->newer == nullptr || !knowledge.knows_write(*store->newer), location.number,
                store->number);
    return *store;
}

Store& choose_place_among(Execution& execution, const Location& location,
                          const Knowledge& knowledge) {
    unsigned count = 1;
    for (const Store* store = location.newest; count < alternatives_max && !knowledge.knows(*store);
         store = store->older) {
        count += store->is_rmw ? 0 : 1;
    }
    unsigned chosen = count == 1 ? 0 : execution.choose(Alternative::placement, count);
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
    WEAVE_CHECK(store.read_at == store.first_readers, store.number);
    auto* const read_at = execution.arena.array<Epoch>(threads_max);
    std::memcpy(read_at, store.first_readers, sizeof store.first_readers);
    store.read_at = read_at;
}

}  // namespace weave
