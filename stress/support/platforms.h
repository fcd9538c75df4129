// Platforms with another mailbox than the shipped one.
#pragma once

#include <cstdint>

namespace stress {

/// A platform like `Base` whose mailbox has `Capacity` slots.
template <class Base, uint32_t Capacity>
struct WithRingOf : Base {
    static constexpr uint32_t mailbox_capacity = Capacity;
};

}  // namespace stress
