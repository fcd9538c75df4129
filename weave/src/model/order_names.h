// The names of memory orders.
#pragma once

#include <cstdint>
#include <iterator>

namespace weave {

/// By the value of std::memory_order.
inline constexpr const char* order_names[] = {"relaxed", "consume", "acquire",
                                              "release", "acq_rel", "seq_cst"};

/// The name of a std::memory_order, or "?".
inline const char* name_of_order(uint8_t order) {
    return order < std::size(order_names) ? order_names[order] : "?";
}

}  // namespace weave
