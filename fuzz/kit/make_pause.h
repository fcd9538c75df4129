// The pauses of a schedule, made by the thread that has come to one.
#pragma once

#include <thread>

#include "fuzz/kit/backoff.h"
#include "fuzz/kit/pause.h"

namespace fuzz {

inline void make(Pause pause) {
    constexpr int short_spin = 100;
    constexpr int long_spin = 2000;
    switch (pause) {
        case Pause::none:
            return;
        case Pause::yield:
            return std::this_thread::yield();
        case Pause::short_spin:
            return spin(short_spin);
        case Pause::long_spin:
            return spin(long_spin);
    }
}

}  // namespace fuzz
