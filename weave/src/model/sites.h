// The memory orders that the program's atomic operations ask for, by place in the program: weave
// can list them, and weaken some of them without compiling anything again.
//
// An audit does both from outside of the process, by two environment variables that every
// exploration reads:
//
//   WEAVE_SITES=FILE           after each search, write the places that atomic operations were
//                              called from since the process began
//   WEAVE_WEAKEN=SITE,SITE...  give the operation at a place another order. A site is the place's
//                              program counter as FILE has it, in hexadecimal, a dot, the kind, an
//                              equals sign and the order, as in 4f21a.store=relaxed
//
// FILE has a line for each site with five fields, tabs between them: the program counter, the kind
// (load, store, rmw, compare-exchange, failure, fence), the order that the program asks for, the
// place as FILE:LINE, and the function. The order of a compare-exchange that fails is a site of its
// own, of the kind failure.
#pragma once

#include <atomic>
#include <cstdint>

namespace weave {

/// What an atomic operation is, for its memory order.
enum class SiteKind : uint8_t { load, store, rmw, compare_exchange, failure, fence };

/// Is one of the two variables set?
extern bool sites_are_watched;

/// Notes the site, and returns the order that its operation gets.
std::memory_order order_at_watched(SiteKind kind, uint32_t pc, std::memory_order asked);

/// The order that an operation gets.
inline std::memory_order order_at(SiteKind kind, uint32_t pc, std::memory_order asked) {
    return sites_are_watched ? order_at_watched(kind, pc, asked) : asked;
}

/// Reads the variables, once in a process. Ends the process with status 2 if one is wrong. Call it
/// outside of an execution.
void watch_sites();

/// Writes the file of WEAVE_SITES, if there is one. Call it outside of an execution.
void write_sites();

}  // namespace weave
