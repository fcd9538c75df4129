// The byte layout that all schedules share: a header, then records of one size, each an operation.
//
// Byte 0 is the format version. Every value of it is read as version 1, except for those that a
// later version has taken. Decoding is total: missing header bytes are 0, a trailing part of a
// record is ignored, and so is what follows the last record that a schedule may have.
//
// Under weave the records are choices. What the threads do then ends the header: a byte that says
// how many operations there are, and room for the most that there may be. So the choices stay where
// they are when an operation comes or goes.
//
// Version 2 is for schedules under weave alone. Between header and choices there is room for
// wishes: pairs of a load and the store that it reads. The choices are what they are without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fuzz {

using Bytes = std::span<const uint8_t>;

inline constexpr uint8_t format_version = 1;

/// The version of an input with wishes.
inline constexpr uint8_t format_version_of_wishes = 2;

/// Wishes of an input under weave at most.
inline constexpr size_t explored_wishes_max = 4;

/// Records that a schedule has at most; longer inputs end there.
inline constexpr size_t schedule_records_max = 4096;

/// Messages that a schedule offers to the ring at most, five laps of the largest; its operations
/// end where they would offer more. Keeps the slowest inputs within milliseconds.
inline constexpr uint32_t schedule_messages_max = 20480;

/// Counts the messages that a schedule offers.
class MessageBudget {
  public:
    /// Whether a schedule may offer `messages` more.
    bool takes(uint64_t messages) {
        offered_ += messages;
        return offered_ <= schedule_messages_max;
    }

  private:
    uint64_t offered_ = 0;
};

/// Sizes, in bytes, that decoder, describer and mutator have to agree on.
struct ScheduleFormat {
    size_t header_bytes;  ///< the version byte and room for all operations included; at least 1
    size_t record_bytes;  ///< 0: the target has no records and the bytes have no structure
    size_t operation_bytes = 0;  ///< of each operation in the header
    size_t operations_max = 0;   ///< 0: the header has none
    size_t wishes_max = 0;       ///< 0: there is one version only, without wishes

    static constexpr size_t wish_bytes = 5;

    /// The newest version.
    constexpr uint8_t version() const {
        return wishes_max == 0 ? format_version : format_version_of_wishes;
    }

    constexpr bool has_wishes(Bytes input) const {
        return wishes_max != 0 && !input.empty() && input[0] == format_version_of_wishes;
    }

    /// Where the records begin: after the header and, if the input has it, the room for wishes.
    constexpr size_t records_at(Bytes input) const {
        return header_bytes + (has_wishes(input) ? wishes_max * wish_bytes : 0);
    }

    /// Number of whole records in an input.
    constexpr size_t record_count(Bytes input) const {
        if (record_bytes == 0 || input.size() <= records_at(input)) {
            return 0;
        }
        const size_t records = (input.size() - records_at(input)) / record_bytes;
        return records < schedule_records_max ? records : schedule_records_max;
    }

    constexpr uint8_t header_byte(Bytes input, size_t index) const {
        return index < input.size() && index < header_bytes ? input[index] : uint8_t{0};
    }

    constexpr size_t operations_at() const {
        return header_bytes - operation_bytes * operations_max;
    }

    /// Number of operations in the header, as the byte before them says.
    constexpr size_t operation_count(Bytes input) const {
        return operations_max == 0 ? 0
                                   : header_byte(input, operations_at() - 1) % (operations_max + 1);
    }

    /// Byte `byte` of an operation; 0 past the end of the input.
    constexpr uint8_t operation_byte(Bytes input, size_t index, size_t byte) const {
        return header_byte(input, operations_at() + index * operation_bytes + byte);
    }

    /// The records as they stand in the input, which under weave are the choices.
    constexpr Bytes records(Bytes input) const {
        const size_t count = record_count(input);
        return count == 0 ? Bytes() : input.subspan(records_at(input), count * record_bytes);
    }

    constexpr const uint8_t* record(Bytes input, size_t index) const {
        return input.data() + records_at(input) + index * record_bytes;
    }
};

}  // namespace fuzz
