// The wishes of an input under weave: pairs of a load and the store that it reads.
//
// They have room for ScheduleFormat::wishes_max of them, 5 bytes each: 0 the thread that reads,
// plus one, or 0 for no wish | 1-2 the number of the read, from 0 | 3 the thread that stores | 4
// the number of the store, 0 for the initial value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/kit/moments.h"
#include "fuzz/kit/random.h"
#include "fuzz/kit/schedule_format.h"

namespace fuzz {

/// The `read`-th atomic read of `thread` is to return the `store`-th store of `writer` to the same
/// object; both count from 1, and store 0 is the initial value. weave::ReadWish says more.
struct Wish {
    uint32_t thread = 0;
    uint32_t read = 1;
    uint32_t writer = 0;
    uint32_t store = 0;

    bool operator==(const Wish&) const = default;
};

/// The wishes of an input; none unless it has version 2.
std::vector<Wish> wishes_of(const ScheduleFormat& format, Bytes input);

/// The bytes of a wish. A number that does not fit becomes the largest that does.
std::vector<uint8_t> bytes_of(const Wish& wish);

/// A line for each wish.
std::string describe_wishes(const ScheduleFormat& format, Bytes input);

/// Draws wishes from what executions have done: a read, and a store to the same object that this
/// read has not returned, the initial value included. Of a few such pairs it takes one whose places
/// in the code it has taken least often so far, so that loops do not get most of the wishes.
class WishDrawer {
  public:
    /// A wish for an execution with these accesses, which are weave::SeenAccess. None if a few
    /// draws find no pair.
    template <class Access>
    std::optional<Wish> draw(const std::vector<Access>& accesses, Random& random) {
        std::optional<Pair> best;
        for (int i = 0; i < draws && !accesses.empty(); ++i) {
            const std::optional<Pair> pair = draw_pair(accesses, random);
            if (pair &&
                (!best || taken_[slot_of(accesses, *pair)] < taken_[slot_of(accesses, *best)])) {
                best = pair;
            }
        }
        if (!best) {
            return std::nullopt;
        }
        ++taken_[slot_of(accesses, *best)];
        return wish_for(accesses, *best);
    }

  private:
    static constexpr int draws = 32;
    static constexpr size_t initial = SIZE_MAX;

    /// Two accesses; `store` may be `initial`.
    struct Pair {
        size_t read;
        size_t store;
    };

    template <class Access>
    static std::optional<Pair> draw_pair(const std::vector<Access>& accesses, Random& random) {
        const size_t index = below(random, accesses.size());
        const Access& read = accesses[index];
        if (!read.reads) {
            return std::nullopt;
        }
        std::vector<size_t> stores;
        for (size_t i = 0; i < accesses.size(); ++i) {
            if (accesses[i].writes && accesses[i].object == read.object &&
                accesses[i].thread != read.thread && i != read.from) {
                stores.push_back(i);
            }
        }
        // Not if it has read what it has stored itself.
        if (read.from != Access::no_access && accesses[read.from].thread != read.thread) {
            stores.push_back(initial);
        }
        if (stores.empty()) {
            return std::nullopt;
        }
        return Pair{index, stores[below(random, stores.size())]};
    }

    template <class Access>
    static size_t slot_of(const std::vector<Access>& accesses, const Pair& pair) {
        const uint64_t store = pair.store == initial ? 0 : accesses[pair.store].place;
        const uint64_t hash =
            (uint64_t{accesses[pair.read].place} << 32 | store) * 0x9e37'79b9'7f4a'7c15;
        return (hash >> 32) % slots;
    }

    template <class Access>
    static Wish wish_for(const std::vector<Access>& accesses, const Pair& pair) {
        Wish wish{.thread = accesses[pair.read].thread, .read = 0};
        for (size_t i = 0; i <= pair.read; ++i) {
            wish.read += accesses[i].reads && accesses[i].thread == wish.thread ? 1 : 0;
        }
        if (pair.store == initial) {
            return wish;
        }
        const Access& store = accesses[pair.store];
        wish.writer = store.thread;
        for (size_t i = 0; i <= pair.store; ++i) {
            wish.store += accesses[i].writes && accesses[i].object == store.object &&
                                  accesses[i].thread == wish.writer
                              ? 1
                              : 0;
        }
        return wish;
    }

    static constexpr size_t slots = 4096;
    std::array<uint32_t, slots> taken_{};  ///< by the places of a pair; some share one
};

}  // namespace fuzz
