// Makes a list of choices small: as few as possible that are not 0, the plain alternative.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace weave {

/// The smallest list of choices found for which `still_fails` is true, as it is for `choices`:
/// every single choice of it is needed. Delta debugging (Zeller and Hildebrandt, "Simplifying and
/// Isolating Failure-Inducing Input", 2002) takes groups of choices out, or makes them 0; single
/// ones become smaller numbers. `may_continue` is asked before each call of `still_fails`, and ends
/// the search with the smallest list so far.
std::vector<uint8_t> shrink_choices(
    std::vector<uint8_t> choices,
    const std::function<bool(const std::vector<uint8_t>&)>& still_fails,
    const std::function<bool()>& may_continue);

}  // namespace weave
