// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), which fills the state of Random.
#include "run/random.h"

#include "run/check.h"

namespace weave {

Random::Random(uint64_t seed, uint64_t stream) {
    uint64_t x = seed + stream * 0x9e3779b97f4a7c15;
    for (uint64_t& word : state_) {
        x += 0x9e3779b97f4a7c15;
        uint64_t z = x;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        word = z ^ z >> 31;
    }
    WEAVE_CHECK((state_[0] | state_[1] | state_[2] | state_[3]) != 0, seed, stream);
    next();
}

}  // namespace weave
