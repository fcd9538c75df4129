// Plain bytes next to each other are different objects: writing them at the same time is not a
// race.
#include "litmus.h"

LITMUS(data_race_neighbours) {
    struct Bytes {
        unsigned char left = 0;
        unsigned char right = 0;
    };
    Bytes bytes;
    concurrently([&] { bytes.left = 1; }, [&] { bytes.right = 2; });
    return outcome(bytes.left, bytes.right);
}
ALLOWED({1, 2});
FORBIDDEN({0, 2}, {1, 0}, data_race);
