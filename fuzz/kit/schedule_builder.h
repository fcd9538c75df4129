// How generators of inputs write schedules: by hand, record by record, or at random.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/pause.h"
#include "fuzz/kit/random.h"

namespace fuzz {

/// Writes the bytes of a `Schedule`: the header, then a record with each add().
template <class Schedule>
class ScheduleBuilder {
  public:
    /// `header`: the bytes that follow the version; those left out are 0.
    explicit ScheduleBuilder(std::initializer_list<unsigned> header)
        : bytes_(Schedule::format.header_bytes, uint8_t{0}) {
        bytes_[0] = format_version;
        std::transform(header.begin(), header.end(), bytes_.begin() + 1,
                       [](unsigned byte) { return static_cast<uint8_t>(byte); });
    }

    /// Appends a record; arguments that a record has no byte for are ignored.
    ScheduleBuilder& add(unsigned opcode, unsigned a = 0, unsigned b = 0, unsigned c = 0) {
        size_t left = Schedule::format.record_bytes;
        for (const unsigned byte : {opcode, a, b, c}) {
            if (left-- == 0) {
                break;
            }
            bytes_.push_back(static_cast<uint8_t>(byte));
        }
        return *this;
    }

    /// Appends the same record several times.
    ScheduleBuilder& add_times(unsigned times, unsigned opcode, unsigned a = 0) {
        for (; times != 0; --times) {
            add(opcode, a);
        }
        return *this;
    }

    /// For schedules of threads: the same call for each of `threads` in turn, `rounds` times.
    ScheduleBuilder& add_rounds(unsigned threads, unsigned call, unsigned argument, unsigned rounds,
                                Pause pause = Pause::none) {
        for (; rounds != 0; --rounds) {
            for (unsigned thread = 0; thread < threads; ++thread) {
                add(static_cast<unsigned>(pause) << 6 | call << 3 | thread, argument);
            }
        }
        return *this;
    }

    std::vector<uint8_t> bytes() const { return bytes_; }

  private:
    std::vector<uint8_t> bytes_;
};

/// A byte of the header that a random schedule does not leave to chance.
struct HeaderByte {
    size_t index;
    unsigned value;
};

/// A schedule of `size` random bytes, but for the version and the header bytes that are given.
inline std::vector<uint8_t> random_schedule(Random& random, size_t size,
                                            std::initializer_list<HeaderByte> header) {
    std::vector<uint8_t> bytes(size);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<uint8_t>(random() >> 8); });
    bytes[0] = format_version;
    for (const HeaderByte& byte : header) {
        bytes[byte.index] = static_cast<uint8_t>(byte.value);
    }
    return bytes;
}

/// `count` benchmark inputs around 64 bytes, "random-0" and so on; make(random, i, size) makes one.
template <class Make>
std::vector<Seed> random_benchmark_inputs(unsigned seed, unsigned count, Make&& make) {
    std::vector<Seed> inputs;
    Random random(seed);
    for (unsigned i = 0; i < count; ++i) {
        const size_t size = i % 16 == 15 ? 256 + 64 * (i / 16 % 4) : 28 + 8 * (i % 10);
        inputs.push_back({"random-" + std::to_string(i), make(random, i, size)});
    }
    return inputs;
}

}  // namespace fuzz
