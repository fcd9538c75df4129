// The byte layout that all schedules share: a header, then records of one size, each an operation.
//
// Byte 0 is the format version. There is one version so far, so every value of it is read as
// version 1; a later version takes a value of its own and leaves the others as they are. Decoding
// is total: missing header bytes are 0, a trailing part of a record is ignored, and so is what
// follows the last record that a schedule may have.
//
// Under weave the records are choices. What the threads do then ends the header: a byte that says
// how many operations there are, and room for the most that there may be. So the choices stay where
// they are when an operation comes or goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fuzz {

using Bytes = std::span<const uint8_t>;

inline constexpr uint8_t format_version = 1;

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

    /// Number of whole records in an input of `size` bytes.
    constexpr size_t record_count(size_t size) const {
        if (record_bytes == 0 || size <= header_bytes) {
            return 0;
        }
        const size_t records = (size - header_bytes) / record_bytes;
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
        const size_t count = record_count(input.size());
        return count == 0 ? Bytes() : input.subspan(header_bytes, count * record_bytes);
    }

    constexpr const uint8_t* record(Bytes input, size_t index) const {
        return input.data() + header_bytes + index * record_bytes;
    }
};

}  // namespace fuzz
