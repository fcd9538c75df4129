// What a condition waits for, and the memory that conditions point to.
#pragma once

#include <array>
#include <cstdint>

namespace fuzz {

inline constexpr uint32_t counters_max = 16;
inline constexpr uint32_t records_max = 8;

/// What a condition's address points to.
enum class Word : uint8_t {
    counter,
    record,
    record_half,  ///< a record's upper half; as a record it is misaligned
    null,
    counter_plus_1,  ///< misaligned for every type
    counter_plus_2,
    record_plus_1,
};

struct Condition {
    Word word;
    uint8_t index;  ///< of the counter or record
    int32_t type;
    uint32_t expected_value;
    uint64_t backend_cookie;
    uint32_t engine;
};

/// The memory that conditions point to.
struct EngineMemory {
    std::array<uint32_t, counters_max> counters;
    std::array<uint64_t, records_max> records;

    bool operator==(const EngineMemory&) const = default;
};

/// The address in a condition, of a word of `memory`.
inline uint64_t address_of(const Condition& condition, const EngineMemory& memory) {
    const auto counter = reinterpret_cast<uintptr_t>(&memory.counters[condition.index]);
    const auto record = reinterpret_cast<uintptr_t>(&memory.records[condition.index % records_max]);
    switch (condition.word) {
        case Word::counter:
            return counter;
        case Word::record:
            return record;
        case Word::record_half:
            return record + 4;
        case Word::null:
            return 0;
        case Word::counter_plus_1:
            return counter + 1;
        case Word::counter_plus_2:
            return counter + 2;
        case Word::record_plus_1:
            return record + 1;
    }
    return 0;
}

}  // namespace fuzz
