// Which stores the reads of an execution have returned, by the places of both: the features that a
// fuzzer gets besides coverage. Pairs of the program's own that no earlier input had are worth an
// input (Wolff et al., Greybox Fuzzing for Concurrency Testing, ASPLOS 2024).
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

class ReadPairs {
  public:
    /// From now on pairs are counted there; nothing is with a size of 0.
    void use(uint8_t* counters, size_t size) {
        counters_ = counters;
        size_ = size;
    }
    bool is_used() const { return size_ != 0; }

    /// A read at one place has returned what another thread has stored at another. The same places
    /// have the same counter in each run; a few pairs share one.
    void count(uint32_t read_pc, uint32_t store_pc) {
        WEAVE_CHECK(is_used());
        const uint64_t hash = (uint64_t{read_pc} << 32 | store_pc) * 0x9e37'79b9'7f4a'7c15;
        uint8_t& counter = counters_[(hash >> 32) % size_];
        counter += counter == UINT8_MAX ? 0 : 1;
    }

  private:
    uint8_t* counters_ = nullptr;
    size_t size_ = 0;
};

}  // namespace weave
