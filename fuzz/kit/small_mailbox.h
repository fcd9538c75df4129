// A platform with a mailbox small enough to be full often.
#pragma once

#include <cstdint>

namespace fuzz {

template <class Platform>
struct WithSmallMailbox : Platform {
    static constexpr uint32_t mailbox_capacity = 32;
};

}  // namespace fuzz
