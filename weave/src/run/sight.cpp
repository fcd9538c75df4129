// Looks into the model for the stores that a load may return.
#include "run/sight.h"

#include "model/order.h"
#include "run/execution.h"

namespace weave {

namespace {

bool is_by(const Store& store, const Point& wanted) {
    return store.epoch != 0 && store.writer == wanted.thread;
}

}  // namespace

unsigned ExecutionSight::current() { return execution_.current().id; }

Operation ExecutionSight::pending(unsigned thread) { return execution_.threads.pending()[thread]; }

std::span<const Event> ExecutionSight::events() {
    const auto& events = execution_.timeline.events();
    return {events.begin(), events.size()};
}

bool ExecutionSight::take_extra_turn() { return execution_.take_extra_turn(); }

std::optional<unsigned> ExecutionSight::alternative_of(const Point& wanted) {
    const Location* location = execution_.cells.at(wanted.object).location;
    while (location != nullptr && location->address != wanted.object) {
        location = location->next;
    }
    if (location == nullptr) {
        return std::nullopt;
    }
    // A thread's stores are in the modification order as it has made them.
    uint32_t later = 0;
    for (const Store* store = location->newest; store != nullptr; store = store->older) {
        later += is_by(*store, wanted) ? 1 : 0;
    }
    const bool is_rmw = pending(current()).kind == OperationKind::rmw;
    unsigned alternative = 0;
    for (const Store* store = location->newest; store != nullptr; store = store->older) {
        if (wanted.number == 0 ? store->epoch == 0
                               : is_by(*store, wanted) && later-- == wanted.number) {
            return alternative;
        }
        alternative += is_rmw && is_taken(*store) ? 0 : 1;
    }
    return std::nullopt;
}

}  // namespace weave
