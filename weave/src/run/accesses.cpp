// An event names the store that it has read by the step at which that was made.
#include "run/accesses.h"

namespace weave {

std::vector<SeenAccess> accesses_of(std::span<const Event> events) {
    std::vector<SeenAccess> accesses;
    std::vector<size_t> by_step;
    for (const Event& event : events) {
        if (!is_of_atomic(event.kind)) {
            continue;
        }
        SeenAccess access{
            event.thread, event.object,         reads_atomic(event.kind), writes_atomic(event.kind),
            event.pc,     SeenAccess::no_access};
        if (access.reads && event.read_step != 0 && event.read_step < by_step.size()) {
            access.from = by_step[event.read_step];
        }
        by_step.resize(event.step + size_t{1}, SeenAccess::no_access);
        by_step[event.step] = access.writes ? accesses.size() : SeenAccess::no_access;
        accesses.push_back(access);
    }
    return accesses;
}

}  // namespace weave
