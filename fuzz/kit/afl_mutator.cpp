// The schedule mutator as an AFL++ custom mutator library (AFL_CUSTOM_MUTATOR_LIBRARY); AFL++'s
// driver has no hook for libFuzzer's. One library per target, because the sizes of header and
// record are the target's.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/schedule_mutator.h"

namespace {

struct Mutator {
    fuzz::Random random;
    std::vector<uint8_t> buffer;
};

}  // namespace

extern "C" void* afl_custom_init(void*, unsigned int seed) {
    return new Mutator{fuzz::Random(seed), {}};
}

extern "C" void afl_custom_deinit(void* state) { delete static_cast<Mutator*>(state); }

// AFL++ passes a second queue entry to splice with, or none.
extern "C" size_t afl_custom_fuzz(void* state, uint8_t* data, size_t size, uint8_t** out,
                                  uint8_t* other, size_t other_size, size_t size_max) {
    Mutator& mutator = *static_cast<Mutator*>(state);
    const fuzz::ScheduleFormat& format = fuzz::fuzz_target().format;
    if (other != nullptr && other_size != 0 && mutator.random() % 4 == 0) {
        mutator.buffer = fuzz::cross_schedules(format, {data, size}, {other, other_size}, size_max,
                                               mutator.random);
    } else {
        mutator.buffer.assign(data, data + size);
        fuzz::mutate_schedule(format, mutator.buffer, size_max, mutator.random);
    }
    *out = mutator.buffer.data();
    return mutator.buffer.size();
}
