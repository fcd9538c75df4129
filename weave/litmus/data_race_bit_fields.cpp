// Bit-fields next to each other are one object: writing them at the same time is a race.
#include "litmus.h"

namespace {

struct Bits {
    unsigned left : 4;
    unsigned right : 4;
};

}  // namespace

LITMUS(data_race_bit_fields) {
    Bits bits = {};
    concurrently([&] { bits.left = 1; }, [&] { bits.right = 2; });
    return outcome(bits.left, bits.right);
}
ALLOWED(data_race);
FORBIDDEN({0, 2}, {1, 0}, {1, 2});
