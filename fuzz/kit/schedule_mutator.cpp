// Mutation and crossover of schedules; see the header.
#include "fuzz/kit/schedule_mutator.h"

#include <algorithm>
#include <array>
#include <optional>

namespace fuzz {
namespace {

using Buffer = std::vector<uint8_t>;
using Offset = Buffer::difference_type;

// Values at which counts and selectors change their meaning: around 0, the limits of 64, the sign
// bit, and the last values of a byte.
constexpr std::array<uint8_t, 16> interesting_bytes = {0,  1,  2,   3,   7,   15,  16,  63,
                                                       64, 65, 127, 128, 190, 191, 192, 255};

uint8_t random_byte(Random& random) {
    return below(random, 2) == 0 ? interesting_bytes[below(random, interesting_bytes.size())]
                                 : static_cast<uint8_t>(below(random, 256));
}

/// The records of a schedule as a sequence that can be edited.
class Records {
  public:
    Records(const ScheduleFormat& format, Buffer& input, size_t size_max)
        : format_(format), input_(input), size_max_(size_max) {
        input_.resize(std::max(input_.size(), format_.records_at(input_)));
        input_.resize(format_.records_at(input_) + bytes(count()));
    }

    size_t count() const { return format_.record_count(input_); }
    size_t room() const {
        return size_max_ > input_.size() ? (size_max_ - input_.size()) / format_.record_bytes : 0;
    }
    size_t bytes(size_t records) const { return records * format_.record_bytes; }

    Buffer::iterator at(size_t index) {
        return input_.begin() + static_cast<Offset>(format_.records_at(input_) + bytes(index));
    }

    void insert(size_t index, const Buffer& records) {
        input_.insert(at(index), records.begin(), records.end());
    }

    void erase(size_t index, size_t length) { input_.erase(at(index), at(index + length)); }

    Buffer copy(size_t index, size_t length) { return Buffer(at(index), at(index + length)); }

  private:
    const ScheduleFormat& format_;
    Buffer& input_;
    size_t size_max_;
};

void insert_random(Records& records, Random& random) {
    if (records.room() == 0) {
        return;
    }
    const size_t length = 1 + below(random, std::min<size_t>(records.room(), 4));
    Buffer fresh(records.bytes(length));
    std::generate(fresh.begin(), fresh.end(), [&] { return random_byte(random); });
    records.insert(below(random, records.count() + 1), fresh);
}

/// Copies a run to another place; a run is how a ring gets full.
void repeat_run(Records& records, Random& random) {
    if (records.count() == 0 || records.room() == 0) {
        return;
    }
    const size_t start = below(random, records.count());
    const size_t longest = std::min({records.count() - start, records.room(), size_t{64}});
    const Buffer run = records.copy(start, 1 + below(random, longest));
    records.insert(below(random, records.count() + 1), run);
}

void remove_run(Records& records, Random& random) {
    if (records.count() == 0) {
        return;
    }
    const size_t start = below(random, records.count());
    const size_t longest = std::min<size_t>(records.count() - start, 16);
    records.erase(start, 1 + below(random, longest));
}

void swap_two(Records& records, Random& random) {
    if (records.count() < 2) {
        return;
    }
    const size_t a = below(random, records.count());
    const size_t b = below(random, records.count());
    if (a != b) {
        std::swap_ranges(records.at(a), records.at(a + 1), records.at(b));
    }
}

void move_one(Records& records, Random& random) {
    if (records.count() < 2) {
        return;
    }
    const size_t from = below(random, records.count());
    const Buffer record = records.copy(from, 1);
    records.erase(from, 1);
    records.insert(below(random, records.count() + 1), record);
}

void alter_byte(Records& records, Random& random) {
    if (records.count() == 0) {
        return;
    }
    const auto byte =
        records.at(0) + static_cast<Offset>(below(random, records.bytes(records.count())));
    switch (below(random, 4)) {
        case 0:
            *byte = static_cast<uint8_t>(*byte + 1);
            return;
        case 1:
            *byte = static_cast<uint8_t>(*byte - 1);
            return;
        case 2:
            *byte = static_cast<uint8_t>(*byte ^ (1u << below(random, 8)));
            return;
        default:
            *byte = random_byte(random);
            return;
    }
}

/// The operations of a header as a sequence that can be edited, in room that does not grow.
class Operations {
  public:
    Operations(const ScheduleFormat& format, Buffer& input) : format_(format), input_(input) {}

    size_t count() const { return format_.operation_count(input_); }
    size_t room() const { return format_.operations_max - count(); }
    size_t bytes(size_t operations) const { return operations * format_.operation_bytes; }

    Buffer::iterator at(size_t index) {
        return input_.begin() + static_cast<Offset>(format_.operations_at() + bytes(index));
    }

    void insert(size_t index, const Buffer& operation) {
        std::copy_backward(at(index), at(count()), at(count() + 1));
        std::copy(operation.begin(), operation.end(), at(index));
        set_count(count() + 1);
    }

    void erase(size_t index) {
        std::copy(at(index + 1), at(count()), at(index));
        std::fill(at(count() - 1), at(count()), uint8_t{0});
        set_count(count() - 1);
    }

    Buffer copy(size_t index) { return Buffer(at(index), at(index + 1)); }

  private:
    void set_count(size_t count) {
        input_[format_.operations_at() - 1] = static_cast<uint8_t>(count);
    }

    const ScheduleFormat& format_;
    Buffer& input_;
};

/// One edit of the operations, which leaves the choices alone.
void edit_operations(Operations operations, Random& random) {
    const size_t count = operations.count();
    const size_t edit = below(random, 5);
    if (edit == 0 || count == 0) {
        if (operations.room() != 0) {
            Buffer fresh(operations.bytes(1));
            std::generate(fresh.begin(), fresh.end(), [&] { return random_byte(random); });
            operations.insert(below(random, count + 1), fresh);
        }
        return;
    }
    const size_t index = below(random, count);
    switch (edit) {
        case 1:
            operations.erase(index);
            return;
        case 2: {
            const Buffer moved = operations.copy(index);
            operations.erase(index);
            operations.insert(below(random, count), moved);
            return;
        }
        case 3:
            if (operations.room() != 0) {
                operations.insert(below(random, count + 1), operations.copy(index));
            }
            return;
        default: {
            const size_t byte = below(random, operations.bytes(1));
            *(operations.at(index) + static_cast<Offset>(byte)) = random_byte(random);
            return;
        }
    }
}

/// Makes a run of choices plain: this thread continues, the newest store is read.
void clear_run(Records& records, Random& random) {
    if (records.count() == 0) {
        return;
    }
    const size_t start = below(random, records.count());
    const size_t longest = std::min<size_t>(records.count() - start, 32);
    const size_t length = 1 + below(random, longest);
    std::fill(records.at(start), records.at(start + length), uint8_t{0});
}

/// The room for wishes as something that can be edited, and put into an input and taken out.
class WishRoom {
  public:
    WishRoom(const ScheduleFormat& format, Buffer& input) : format_(format), input_(input) {}

    bool is_there() const { return format_.has_wishes(input_); }
    size_t bytes() const { return format_.wishes_max * ScheduleFormat::wish_bytes; }

    Buffer::iterator at(size_t index) {
        return input_.begin() +
               static_cast<Offset>(format_.header_bytes + index * ScheduleFormat::wish_bytes);
    }

    void set(size_t index, const Buffer& wish) { std::copy(wish.begin(), wish.end(), at(index)); }

    void clear(size_t index) { std::fill(at(index), at(index + 1), uint8_t{0}); }

    void add() {
        input_.insert(at(0), bytes(), uint8_t{0});
        input_[0] = format_version_of_wishes;
    }

    void remove_if_empty() {
        if (wishes_of(format_, input_).empty()) {
            input_.erase(at(0), at(format_.wishes_max));
            input_[0] = format_version;
        }
    }

  private:
    const ScheduleFormat& format_;
    Buffer& input_;
};

/// A wish that the target proposes, or any.
Buffer fresh_wish(const Buffer& input, const Wishing& wishing, Random& random) {
    if (wishing.propose != nullptr) {
        if (const std::optional<Wish> wish = wishing.propose(input, random)) {
            return bytes_of(*wish);
        }
    }
    const auto number = [&](size_t bound) { return static_cast<uint32_t>(below(random, bound)); };
    return bytes_of(
        {number(moment_threads_max), 1 + number(64), number(moment_threads_max), number(8)});
}

/// One edit of the wishes, which leaves operations and choices alone.
void edit_wishes(WishRoom room, Buffer& input, const ScheduleFormat& format, size_t size_max,
                 const Wishing& wishing, Random& random) {
    if (!room.is_there()) {
        if (input.size() + room.bytes() <= size_max) {
            const Buffer wish = fresh_wish(input, wishing, random);
            room.add();
            room.set(0, wish);
        }
        return;
    }
    const size_t index = below(random, format.wishes_max);
    switch (below(random, 4)) {
        case 0:
            room.clear(index);
            room.remove_if_empty();
            return;
        case 1: {
            uint8_t& byte =
                *(room.at(index) + static_cast<Offset>(below(random, ScheduleFormat::wish_bytes)));
            byte = static_cast<uint8_t>(below(random, 2) == 0 ? byte + 1 : byte - 1);
            return;
        }
        default:
            room.set(index, fresh_wish(input, wishing, random));
            return;
    }
}

/// An edit that only choices need; false if the format has none or it is another edit's turn.
bool mutate_explored(const ScheduleFormat& format, Buffer& input, Records& records, size_t size_max,
                     const Wishing& wishing, Random& random) {
    if (format.operations_max == 0) {
        return false;
    }
    switch (below(random, 16)) {
        case 0:
        case 1:
        case 2:
        case 3:
            edit_operations(Operations(format, input), random);
            return true;
        case 4:
            clear_run(records, random);
            return true;
        case 5:
            if (format.wishes_max == 0 || !wishing.is_on) {
                return false;
            }
            edit_wishes(WishRoom(format, input), input, format, size_max, wishing, random);
            return true;
        default:
            return false;
    }
}

/// Sets a byte before the operations. The version stays: other values mean the same, or have
/// wishes.
void set_header_byte(const ScheduleFormat& format, Buffer& input, Random& random) {
    const uint8_t version = format.has_wishes(input) ? format_version_of_wishes : format_version;
    input[below(random, format.operations_at())] = random_byte(random);
    input[0] = version;
}

void mutate_unstructured(Buffer& input, size_t size_max, Random& random) {
    if (input.empty() || (input.size() < size_max && below(random, 4) == 0)) {
        input.insert(input.begin() + static_cast<Offset>(below(random, input.size() + 1)),
                     random_byte(random));
        return;
    }
    input[below(random, input.size())] = random_byte(random);
}

/// The beginning of one input and the end of another.
Buffer splice(Bytes first, Bytes second, size_t size_max, Random& random) {
    const Bytes begin = first.first(below(random, first.size() + 1));
    const Bytes end = second.subspan(below(random, second.size() + 1));
    Buffer child(begin.begin(), begin.end());
    child.insert(child.end(), end.begin(), end.end());
    child.resize(std::clamp(child.size(), size_t{1}, size_max));
    return child;
}

}  // namespace

void mutate_schedule(const ScheduleFormat& format, std::vector<uint8_t>& input, size_t size_max,
                     Random& random, const Wishing& wishing) {
    input.resize(std::min(input.size(), size_max));
    if (format.record_bytes == 0 || size_max < format.records_at(input) + format.record_bytes) {
        mutate_unstructured(input, size_max, random);
        return;
    }
    Records records(format, input, size_max);
    for (size_t edits = 1 + below(random, 4); edits > 0; --edits) {
        if (mutate_explored(format, input, records, size_max, wishing, random)) {
            continue;
        }
        switch (below(random, 10)) {
            case 0:
                set_header_byte(format, input, random);
                break;
            case 1:
            case 2:
                insert_random(records, random);
                break;
            case 3:
                repeat_run(records, random);
                break;
            case 4:
                remove_run(records, random);
                break;
            case 5:
                swap_two(records, random);
                break;
            case 6:
                move_one(records, random);
                break;
            default:
                alter_byte(records, random);
                break;
        }
    }
}

std::vector<uint8_t> cross_schedules(const ScheduleFormat& format, Bytes first, Bytes second,
                                     size_t size_max, Random& random) {
    if (format.record_bytes == 0) {
        return splice(first, second, size_max, random);
    }
    const Bytes parents[2] = {first, second};
    const Bytes heir = parents[below(random, 2)];
    const size_t records_at = format.records_at(heir);
    Buffer child(heir.begin(),
                 heir.begin() + static_cast<Offset>(std::min(heir.size(), records_at)));
    child.resize(records_at);
    size_t next[2] = {0, 0};
    for (size_t turn = below(random, 2);; turn ^= 1) {
        const size_t left = format.record_count(parents[turn]) - next[turn];
        if (left == 0 || child.size() + format.record_bytes > size_max) {
            break;
        }
        const size_t room = (size_max - child.size()) / format.record_bytes;
        const size_t length = 1 + below(random, std::min({left, room, size_t{32}}));
        const uint8_t* const run = format.record(parents[turn], next[turn]);
        child.insert(child.end(), run, run + length * format.record_bytes);
        next[turn] += length;
    }
    child.resize(std::min(child.size(), size_max));
    return child;
}

}  // namespace fuzz
