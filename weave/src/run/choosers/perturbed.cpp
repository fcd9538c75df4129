// A stream of random numbers for each execution, as in random.cpp.
#include "run/choosers/perturbed.h"

namespace weave {

bool PerturbedChooser::begin() {
    // 1, 2, 4, ... 64, and 1 again.
    drawn_one_in_ = 1u << execution_ % 8 % 7;
    random_ = Random(seed_, execution_++);
    return replay_.begin();
}

unsigned PerturbedChooser::choose_thread(const Turn& turn) {
    const unsigned recorded = replay_.choose_thread(turn);
    return is_drawn() ? random_.below(turn.count()) : recorded;
}

unsigned PerturbedChooser::choose(Alternative kind, unsigned count) {
    const unsigned recorded = replay_.choose(kind, count);
    if (!is_drawn()) {
        return recorded;
    }
    const bool is_plain = kind == Alternative::store && random_.below(2) == 0;
    return is_plain ? 0 : random_.below(count);
}

}  // namespace weave
