// How a job takes every platform in turn, or one with a small mailbox.
#pragma once

#include "sim/with_ring_of.h"
#include "src/platforms.h"
#include "stress/support/run.h"

namespace stress {

using pto::sim::WithRingOf;

/// A job that has one `Subject<Platform>` per platform and calls its round(run) in every round,
/// platform after platform.
template <template <class> class Subject>
void take_turns(Run& run) {
    pto::PerPlatform<Subject> subjects;
    while (run.next_round()) {
        subjects.at(run.round() % pto::platform_count,
                    [&run](auto& subject) { subject.round(run); });
    }
}

}  // namespace stress
