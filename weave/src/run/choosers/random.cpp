// A stream of random numbers for each execution, so that the n-th one is the same in every search.
#include "run/choosers/random.h"

namespace weave {

bool RandomChooser::begin() {
    random_ = Random(seed_, execution_++);
    return true;
}

unsigned RandomChooser::choose_thread(const Turn& turn) { return random_.below(turn.count()); }

unsigned RandomChooser::choose(Alternative, unsigned count) { return random_.below(count); }

}  // namespace weave
