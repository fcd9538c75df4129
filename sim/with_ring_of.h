// A platform with another mailbox than its own: a small one is full all the time, which is what
// tests want to see.
#pragma once

#include <cstdint>

namespace pto::sim {

/// Like `Base`, but its mailbox has `Capacity` slots, a power of two.
template <class Base, uint32_t Capacity>
struct WithRingOf : Base {
    static constexpr uint32_t mailbox_capacity = Capacity;
};

}  // namespace pto::sim
