// How inputs of targets under weave are written, taken apart and described.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/random.h"
#include "fuzz/kit/schedule_format.h"
#include "fuzz/kit/wishes.h"

namespace fuzz {

/// Appends the input's operations, as records of another target.
inline void append_operations(const ScheduleFormat& format, Bytes input,
                              std::vector<uint8_t>& bytes) {
    for (size_t i = 0; i < format.operation_count(input); ++i) {
        for (size_t byte = 0; byte < format.operation_bytes; ++byte) {
            bytes.push_back(format.operation_byte(input, i, byte));
        }
    }
}

inline std::string describe_memory(bool is_sc) {
    return is_sc ? "every load returns the newest store\n" : "loads may return older stores\n";
}

inline std::string describe_choices(Bytes choices) {
    std::string text = "choices:";
    for (const uint8_t choice : choices) {
        text += " " + std::to_string(choice);
    }
    return text + "\n";
}

/// For a history that must not allocate while an execution runs: its memory would be gone with it.
template <class List>
void check_room(const List& list) noexcept {
    if (list.size() == list.capacity()) {
        std::fputs("an explored scenario has more calls than its history has room for\n", stderr);
        std::abort();
    }
}

/// Writes an input of `Scenario`: the header, the operations, and then the choices.
template <class Scenario>
class ExploredBuilder {
  public:
    /// `header`: the bytes that follow the version, up to the number of operations.
    ExploredBuilder(std::initializer_list<unsigned> header)
        : bytes_(Scenario::format.header_bytes, uint8_t{0}) {
        bytes_[0] = format_version;
        size_t at = 1;
        for (const unsigned byte : header) {
            bytes_[at++] = static_cast<uint8_t>(byte);
        }
    }

    ExploredBuilder& add(std::initializer_list<unsigned> operation) {
        constexpr ScheduleFormat format = Scenario::format;
        size_t at = format.operations_at() + format.operation_bytes * count_;
        for (const unsigned byte : operation) {
            bytes_.at(at++) = static_cast<uint8_t>(byte);
        }
        bytes_[format.operations_at() - 1] = static_cast<uint8_t>(++count_);
        return *this;
    }

    std::vector<uint8_t> bytes() const { return bytes_; }

    /// The input with choices of which one in `one_in` is not plain.
    std::vector<uint8_t> bytes_with_choices(Random& random, size_t count, unsigned one_in) const {
        std::vector<uint8_t> bytes = bytes_;
        for (size_t i = 0; i < count; ++i) {
            const bool is_plain = random() / 256 % one_in != 0;
            bytes.push_back(static_cast<uint8_t>(is_plain ? 0 : random() / 256));
        }
        return bytes;
    }

  private:
    std::vector<uint8_t> bytes_;
    size_t count_ = 0;
};

/// The seeds of a target under weave. Each scenario comes with both memory models, and with
/// schedules of several kinds: none, in which each thread runs as long as it can; sparse ones, of
/// few switches and stale reads; dense ones.
template <class Scenario>
class ExploredSeeds {
  public:
    /// `choices`: how many a seed has, except for a plain one.
    explicit ExploredSeeds(size_t choices) : choices_(choices) {}

    /// Calls fill(is_sc, add) for both models. `is_sc` is 0 or 1, for the builder's header, and
    /// `add(name, builder)` adds a scenario.
    template <class Fill>
    std::vector<Seed> filled_by(Fill fill) {
        for (const unsigned is_sc : {0u, 1u}) {
            fill(is_sc, [&](const std::string& name, const ExploredBuilder<Scenario>& builder) {
                add(name + (is_sc != 0 ? "-sc" : "-c20"), builder);
            });
        }
        return std::move(seeds_);
    }

  private:
    void add(const std::string& name, const ExploredBuilder<Scenario>& builder) {
        seeds_.push_back({name + "-plain", builder.bytes()});
        for (const unsigned one_in : {16u, 4u, 1u}) {
            seeds_.push_back({name + "-1-in-" + std::to_string(one_in),
                              builder.bytes_with_choices(random_, choices_, one_in)});
        }
    }

    size_t choices_;
    Random random_{1};
    std::vector<Seed> seeds_;
};

}  // namespace fuzz
