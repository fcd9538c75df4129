// Tests the schedule mutator and the crossover: what they make is a schedule of whole records
// within the size they were given, depends on the seed alone, and every kind of edit does happen.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/payload.h"
#include "fuzz/kit/schedule_mutator.h"
#include "fuzz/kit/wishes.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "fuzz/scheduler/scheduler_threads_schedule.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz::test {
namespace {

using Input = std::vector<uint8_t>;

constexpr std::array<ScheduleFormat, 7> structured_formats = {
    MailboxStepSchedule::format,       MailboxThreadsSchedule::format,
    WaitListStepSchedule::format,      ReadyQueueStepSchedule::format,
    ReadyQueueThreadsSchedule::format, SchedulerStepSchedule::format,
    SchedulerThreadsSchedule::format};
constexpr std::array<ScheduleFormat, 8> all_formats = {
    MailboxStepSchedule::format,       MailboxThreadsSchedule::format,
    WaitListStepSchedule::format,      ReadyQueueStepSchedule::format,
    ReadyQueueThreadsSchedule::format, SchedulerStepSchedule::format,
    SchedulerThreadsSchedule::format,  UnstructuredBytes::format};
constexpr size_t unlimited = 1 << 20;

std::string text_of(const ScheduleFormat& format) {
    return "header " + std::to_string(format.header_bytes) + ", records " +
           std::to_string(format.record_bytes);
}

/// Fuzzers hand in seeds from all over; of small ones, this generator's first numbers are small
/// too.
Random random_of(unsigned seed) { return Random(static_cast<unsigned>(mix(seed))); }

Input mutated(const ScheduleFormat& format, Input input, size_t size_max, unsigned seed) {
    Random random = random_of(seed);
    mutate_schedule(format, input, size_max, random);
    return input;
}

Input crossed(const ScheduleFormat& format, const Input& first, const Input& second,
              size_t size_max, unsigned seed) {
    Random random = random_of(seed);
    return cross_schedules(format, first, second, size_max, random);
}

/// A schedule whose records are all different: byte 0 is `tag`, byte 1 is the record's number.
Input numbered(const ScheduleFormat& format, uint8_t tag, uint8_t records) {
    Input input(format.header_bytes, tag);
    input[0] = format_version;
    for (uint8_t i = 0; i < records; ++i) {
        Input record(format.record_bytes, 0);
        record[0] = tag;
        record[1] = i;
        input.insert(input.end(), record.begin(), record.end());
    }
    return input;
}

Input header_of(const ScheduleFormat& format, const Input& input) {
    return Input(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(format.header_bytes));
}

std::vector<Input> records_of(const ScheduleFormat& format, const Input& input) {
    std::vector<Input> records;
    for (size_t i = 0; i < format.record_count(input); ++i) {
        const uint8_t* const record = format.record(input, i);
        records.emplace_back(record, record + format.record_bytes);
    }
    return records;
}

bool has_whole_records(const ScheduleFormat& format, const Input& input) {
    return input.size() >= format.header_bytes &&
           (input.size() - format.header_bytes) % format.record_bytes == 0;
}

/// The largest sizes at which something changes: 1, around the header, around the first records.
std::vector<size_t> edge_sizes(const ScheduleFormat& format) {
    const size_t header = format.header_bytes;
    const size_t record = format.record_bytes;
    return {1,
            header,
            header + 1,
            header + record,
            header + record + 1,
            header + 2 * record,
            header + 8 * record,
            200};
}

TEST(MutateSchedule, stays_within_the_size_and_leaves_something) {
    for (const ScheduleFormat& format : all_formats) {
        for (const size_t size_max : edge_sizes(format)) {
            for (size_t size = 0; size <= size_max; ++size) {
                for (unsigned seed = 1; seed <= 100; ++seed) {
                    const Input result = mutated(format, Input(size, 5), size_max, seed);
                    ASSERT_LE(result.size(), size_max) << text_of(format) << ", from " << size;
                    ASSERT_FALSE(result.empty()) << text_of(format) << ", from " << size;
                }
            }
        }
    }
}

TEST(MutateSchedule, brings_an_input_that_is_too_long_within_the_size) {
    for (const ScheduleFormat& format : all_formats) {
        for (const size_t size_max : edge_sizes(format)) {
            for (unsigned seed = 1; seed <= 100; ++seed) {
                const Input result = mutated(format, Input(300, 5), size_max, seed);
                ASSERT_LE(result.size(), size_max) << text_of(format);
                ASSERT_FALSE(result.empty()) << text_of(format);
            }
        }
    }
}

TEST(MutateSchedule, makes_whole_records_where_there_is_room_for_one) {
    for (const ScheduleFormat& format : structured_formats) {
        for (const size_t size_max : edge_sizes(format)) {
            if (size_max < format.header_bytes + format.record_bytes) {
                continue;
            }
            for (size_t size = 0; size <= size_max; ++size) {
                for (unsigned seed = 1; seed <= 100; ++seed) {
                    const Input result = mutated(format, Input(size, 5), size_max, seed);
                    ASSERT_TRUE(has_whole_records(format, result))
                        << text_of(format) << ", from " << size << " to " << result.size();
                }
            }
        }
    }
}

TEST(MutateSchedule, depends_on_the_seed_alone) {
    for (const ScheduleFormat& format : all_formats) {
        const Input parent(60, 9);
        for (unsigned seed = 1; seed <= 1000; ++seed) {
            ASSERT_EQ(mutated(format, parent, 100, seed), mutated(format, parent, 100, seed))
                << text_of(format) << ", seed " << seed;
        }
    }
}

TEST(MutateSchedule, keeps_to_the_records_that_a_schedule_can_have) {
    for (const ScheduleFormat& format : structured_formats) {
        const Input longest(format.header_bytes + schedule_records_max * format.record_bytes, 3);
        Input longer = longest;
        longer.resize(longest.size() + 1000, 4);
        for (unsigned seed = 1; seed <= 50; ++seed) {
            const Input result = mutated(format, longer, unlimited, seed);
            ASSERT_TRUE(has_whole_records(format, result)) << text_of(format);
            ASSERT_LE(result.size(), longest.size() + 4 * 64 * format.record_bytes);
        }
    }
}

/// How often a mutation did what.
struct Effects {
    int grew = 0;
    int shrank = 0;
    int kept_the_size = 0;
    int changed_only_the_header = 0;
    int changed_one_byte = 0;
    int swapped_two = 0;
    int moved_one = 0;
    int repeated_a_run = 0;
    int inserted_something_new = 0;
    int did_nothing = 0;
};

bool is_subset(std::vector<Input> records, std::vector<Input> of) {
    std::sort(records.begin(), records.end());
    std::sort(of.begin(), of.end());
    return std::all_of(records.begin(), records.end(), [&of](const Input& record) {
        return std::binary_search(of.begin(), of.end(), record);
    });
}

size_t bytes_that_differ(const Input& a, const Input& b) {
    size_t differ = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        differ += a[i] != b[i];
    }
    return differ;
}

/// The part of `before` and `after` from the first to the last record in which they differ.
struct Difference {
    std::vector<Input> before;
    std::vector<Input> after;
};

Difference difference(const std::vector<Input>& before, const std::vector<Input>& after) {
    size_t begin = 0;
    size_t end = before.size();
    while (begin < end && before[begin] == after[begin]) {
        ++begin;
    }
    while (begin < end && before[end - 1] == after[end - 1]) {
        --end;
    }
    const auto cut = [&](const std::vector<Input>& records) {
        return std::vector<Input>(records.begin() + static_cast<std::ptrdiff_t>(begin),
                                  records.begin() + static_cast<std::ptrdiff_t>(end));
    };
    return {cut(before), cut(after)};
}

bool has_two_swapped(const std::vector<Input>& before, const std::vector<Input>& after) {
    Difference part = difference(before, after);
    if (part.before.size() < 2) {
        return false;
    }
    std::swap(part.before.front(), part.before.back());
    return part.before == part.after;
}

/// Over at least three records, so that it cannot have been a swap.
bool has_one_moved(const std::vector<Input>& before, const std::vector<Input>& after) {
    const Difference part = difference(before, after);
    if (part.before.size() < 3) {
        return false;
    }
    std::vector<Input> up = part.before;
    std::vector<Input> down = part.before;
    std::rotate(up.begin(), up.begin() + 1, up.end());
    std::rotate(down.begin(), down.end() - 1, down.end());
    return part.after == up || part.after == down;
}

void note_effects(const ScheduleFormat& format, const Input& before, const Input& after,
                  Effects& effects) {
    const std::vector<Input> old_records = records_of(format, before);
    const std::vector<Input> records = records_of(format, after);
    const bool same_header = header_of(format, before) == header_of(format, after);
    const bool same_size = before.size() == after.size();
    const bool only_old_records = is_subset(records, old_records);
    effects.grew += after.size() > before.size();
    effects.shrank += after.size() < before.size();
    effects.kept_the_size += same_size;
    effects.did_nothing += before == after;
    effects.changed_only_the_header += !same_header && records == old_records;
    effects.changed_one_byte += same_header && same_size && bytes_that_differ(before, after) == 1;
    effects.swapped_two += same_size && has_two_swapped(old_records, records);
    effects.moved_one += same_size && has_one_moved(old_records, records);
    effects.repeated_a_run +=
        only_old_records && after.size() > before.size() + format.record_bytes;
    effects.inserted_something_new += after.size() > before.size() && !only_old_records;
}

TEST(MutateSchedule, makes_every_kind_of_edit) {
    for (const ScheduleFormat& format : structured_formats) {
        const Input parent = numbered(format, 1, 20);
        Effects effects;
        for (unsigned seed = 1; seed <= 2'000; ++seed) {
            note_effects(format, parent, mutated(format, parent, unlimited, seed), effects);
        }
        SCOPED_TRACE(text_of(format));
        EXPECT_GT(effects.grew, 200);
        EXPECT_GT(effects.shrank, 100);
        EXPECT_GT(effects.kept_the_size, 200);
        EXPECT_GT(effects.changed_only_the_header, 10);
        EXPECT_GT(effects.changed_one_byte, 100);
        EXPECT_GT(effects.swapped_two, 20);
        EXPECT_GT(effects.moved_one, 20);
        EXPECT_GT(effects.repeated_a_run, 20);
        EXPECT_GT(effects.inserted_something_new, 100);
        EXPECT_LT(effects.did_nothing, 200);
    }
}

TEST(MutateSchedule, changes_every_byte_of_header_and_records_but_the_version) {
    for (const ScheduleFormat& format : structured_formats) {
        const Input parent = numbered(format, 1, 4);
        std::vector<int> changed(parent.size(), 0);
        for (unsigned seed = 1; seed <= 10'000; ++seed) {
            const Input result = mutated(format, parent, unlimited, seed);
            if (result.size() == parent.size() && bytes_that_differ(parent, result) == 1) {
                const auto place = std::mismatch(parent.begin(), parent.end(), result.begin());
                ++changed[static_cast<size_t>(place.first - parent.begin())];
            }
        }
        EXPECT_EQ(changed[0], 0);
        // Dozens of times: the last byte can also change by chance, with a new last record.
        EXPECT_GT(*std::min_element(changed.begin() + 1, changed.end()), 24) << text_of(format);
    }
}

TEST(MutateSchedule, grows_a_schedule_from_nothing) {
    for (const ScheduleFormat& format : structured_formats) {
        size_t longest = 0;
        for (unsigned seed = 1; seed <= 100; ++seed) {
            longest = std::max(longest, mutated(format, {}, unlimited, seed).size());
        }
        EXPECT_GT(longest, format.header_bytes) << text_of(format);
    }
}

TEST(MutateSchedule, changes_and_lengthens_bytes_without_structure) {
    const Input parent = {1, 2, 3};
    int grew = 0;
    int changed = 0;
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        const Input result = mutated(UnstructuredBytes::format, parent, 4, seed);
        grew += result.size() == 4;
        changed += result.size() == 3 && result != parent;
        ASSERT_LE(bytes_that_differ(parent, result), parent.size());
    }
    EXPECT_GT(grew, 100);
    EXPECT_GT(changed, 100);
}

TEST(MutateSchedule, edits_the_operations_of_a_header_and_leaves_the_choices_in_place) {
    constexpr ScheduleFormat format{
        .header_bytes = 3 + 2 * 4, .record_bytes = 1, .operation_bytes = 2, .operations_max = 4};
    Input parent = {format_version, 7, 2, 11, 12, 21, 22, 0, 0, 0, 0};
    parent.resize(format.header_bytes + 20, 9);
    std::array<int, 5> counts{};
    int moved = 0;
    int cleared = 0;
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        const Input child = mutated(format, parent, unlimited, seed);
        ASSERT_GE(child.size(), format.header_bytes);
        const size_t count = format.operation_count(child);
        ++counts[count];
        moved += count == 2 && child[3] == 21 && child[5] == 11;
        const auto choices = format.records(child);
        cleared += std::count(choices.begin(), choices.end(), 0) > 8;
    }
    // One more, one fewer, two more within four edits; never more than there is room for.
    EXPECT_GT(std::min({counts[1], counts[3], counts[4]}), 10);
    EXPECT_GT(counts[2], 1000);
    EXPECT_GT(moved, 10);
    EXPECT_GT(cleared, 10);
}

constexpr ScheduleFormat format_with_wishes{.header_bytes = 3 + 2 * 4,
                                            .record_bytes = 1,
                                            .operation_bytes = 2,
                                            .operations_max = 4,
                                            .wishes_max = 2};
constexpr Wish proposed{3, 500, 4, 200};
constexpr Wish altered{3, 499, 4, 200};

/// An input with 20 choices, all 9, and these wishes.
Input explored_input(const std::vector<Wish>& wishes) {
    Input input = {format_version, 7, 2, 11, 12, 21, 22, 0, 0, 0, 0};
    if (!wishes.empty()) {
        input[0] = format_version_of_wishes;
        for (const Wish& wish : wishes) {
            const Input bytes = bytes_of(wish);
            input.insert(input.end(), bytes.begin(), bytes.end());
        }
        input.resize(format_with_wishes.records_at(input), 0);
    }
    input.resize(input.size() + 20, 9);
    return input;
}

Input mutated_with_wishes(Input input, size_t size_max, unsigned seed, bool is_on = true) {
    Random random = random_of(seed);
    mutate_schedule(format_with_wishes, input, size_max, random,
                    {is_on, [](Bytes, Random&) { return std::optional(proposed); }});
    return input;
}

TEST(MutateSchedule, adds_alters_and_drops_wishes_and_leaves_the_choices_in_place) {
    int added = 0;
    int altered_one = 0;
    int added_another = 0;
    int dropped = 0;
    for (unsigned seed = 1; seed <= 20'000; ++seed) {
        const Input first = mutated_with_wishes(explored_input({}), unlimited, seed);
        added += first == explored_input({proposed});
        ASSERT_EQ(format_with_wishes.has_wishes(first),
                  !wishes_of(format_with_wishes, first).empty());
        const Input second = mutated_with_wishes(explored_input({proposed}), unlimited, seed);
        altered_one += second == explored_input({altered});
        added_another += second == explored_input({proposed, proposed});
        dropped += second == explored_input({});
    }
    EXPECT_GT(added, 40);
    EXPECT_GT(altered_one, 1);
    EXPECT_GT(added_another, 10);
    EXPECT_GT(dropped, 5);
}

TEST(MutateSchedule, adds_any_wish_where_none_is_proposed) {
    std::set<uint32_t> reads;
    for (unsigned seed = 1; seed <= 2'000; ++seed) {
        const Input child = mutated(format_with_wishes, explored_input({}), unlimited, seed);
        for (const Wish& wish : wishes_of(format_with_wishes, child)) {
            reads.insert(wish.read);
        }
    }
    EXPECT_GT(reads.size(), 30u);
}

TEST(MutateSchedule, adds_no_wish_if_told_so_or_if_there_is_no_room) {
    for (unsigned seed = 1; seed <= 2'000; ++seed) {
        const Input input = explored_input({});
        EXPECT_EQ(mutated_with_wishes(input, unlimited, seed, /*is_on=*/false)[0], format_version);
        const Input child = mutated_with_wishes(input, input.size() + 9, seed);
        EXPECT_LE(child.size(), input.size() + 9);
    }
}

TEST(MutateSchedule, keeps_whole_wishes_within_every_size) {
    for (size_t size_max = 1; size_max <= 50; ++size_max) {
        for (unsigned seed = 1; seed <= 200; ++seed) {
            const Input child = mutated_with_wishes(explored_input({proposed}), size_max, seed);
            ASSERT_LE(child.size(), size_max);
            ASSERT_FALSE(child.empty());
            if (size_max > format_with_wishes.records_at(explored_input({proposed}))) {
                ASSERT_GE(child.size(), format_with_wishes.records_at(child));
            }
        }
    }
}

TEST(CrossSchedules, takes_the_wishes_with_the_header) {
    int with_wishes = 0;
    for (unsigned seed = 1; seed <= 1'000; ++seed) {
        const Input child = crossed(format_with_wishes, explored_input({proposed}),
                                    explored_input({}), unlimited, seed);
        const bool has_wishes = format_with_wishes.has_wishes(child);
        with_wishes += has_wishes;
        ASSERT_EQ(wishes_of(format_with_wishes, child),
                  has_wishes ? std::vector{proposed} : std::vector<Wish>());
        const Bytes choices = format_with_wishes.records(child);
        ASSERT_GT(choices.size(), 0u);
        ASSERT_EQ(std::count(choices.begin(), choices.end(), 9),
                  static_cast<std::ptrdiff_t>(choices.size()));
    }
    EXPECT_GT(with_wishes, 300);
    EXPECT_LT(with_wishes, 700);
}

TEST(CrossSchedules, takes_the_header_of_one_and_records_of_both_in_their_order) {
    for (const ScheduleFormat& format : structured_formats) {
        const Input first = numbered(format, 1, 30);
        const Input second = numbered(format, 2, 20);
        std::array<int, 3> headers{};
        std::array<int, 3> most_records{};
        for (unsigned seed = 1; seed <= 1000; ++seed) {
            const Input child = crossed(format, first, second, unlimited, seed);
            ASSERT_TRUE(has_whole_records(format, child));
            const Input header = header_of(format, child);
            ASSERT_TRUE(header == header_of(format, first) || header == header_of(format, second));
            ++headers[header.back()];
            std::array<int, 3> next{};
            for (const Input& record : records_of(format, child)) {
                ASSERT_TRUE(record[0] == 1 || record[0] == 2) << "not a parent's record";
                ASSERT_EQ(record[1], next[record[0]]++) << "not the next one of its parent";
            }
            for (size_t parent : {1u, 2u}) {
                most_records[parent] = std::max(most_records[parent], next[parent]);
            }
        }
        EXPECT_GT(std::min(headers[1], headers[2]), 300) << text_of(format);
        EXPECT_EQ(most_records[1], 30) << text_of(format);
        EXPECT_EQ(most_records[2], 20) << text_of(format);
    }
}

TEST(CrossSchedules, mixes_both_parents) {
    for (const ScheduleFormat& format : structured_formats) {
        const Input first = numbered(format, 1, 30);
        const Input second = numbered(format, 2, 30);
        int mixed = 0;
        for (unsigned seed = 1; seed <= 1000; ++seed) {
            const std::vector<Input> records =
                records_of(format, crossed(format, first, second, unlimited, seed));
            const auto of_first = std::count_if(records.begin(), records.end(),
                                                [](const Input& record) { return record[0] == 1; });
            mixed += of_first != 0 && static_cast<size_t>(of_first) != records.size();
        }
        EXPECT_GT(mixed, 500) << text_of(format);
    }
}

TEST(CrossSchedules, stays_within_the_size_and_leaves_something) {
    for (const ScheduleFormat& format : all_formats) {
        for (const size_t size_max : edge_sizes(format)) {
            for (const size_t size : {0u, 1u, 4u, 6u, 9u, 50u, 300u}) {
                for (unsigned seed = 1; seed <= 100; ++seed) {
                    const Input child =
                        crossed(format, Input(size, 1), Input(40, 2), size_max, seed);
                    ASSERT_LE(child.size(), size_max) << text_of(format);
                    ASSERT_FALSE(child.empty()) << text_of(format);
                    ASSERT_TRUE(format.record_bytes == 0 || child.size() < format.header_bytes ||
                                has_whole_records(format, child))
                        << text_of(format);
                }
            }
        }
    }
}

TEST(CrossSchedules, fills_the_size_exactly_when_the_parents_have_enough) {
    for (const ScheduleFormat& format : structured_formats) {
        const size_t size_max = format.header_bytes + 5 * format.record_bytes;
        for (unsigned seed = 1; seed <= 100; ++seed) {
            EXPECT_EQ(crossed(format, numbered(format, 1, 30), numbered(format, 2, 30),
                              size_max + format.record_bytes - 1, seed)
                          .size(),
                      size_max);
        }
    }
}

TEST(CrossSchedules, depends_on_the_seed_alone) {
    for (const ScheduleFormat& format : all_formats) {
        const Input first(60, 1);
        const Input second(90, 2);
        for (unsigned seed = 1; seed <= 1000; ++seed) {
            ASSERT_EQ(crossed(format, first, second, 100, seed),
                      crossed(format, first, second, 100, seed));
        }
    }
}

TEST(CrossSchedules, takes_parents_that_are_shorter_than_a_header) {
    for (const ScheduleFormat& format : structured_formats) {
        for (unsigned seed = 1; seed <= 100; ++seed) {
            const Input child = crossed(format, {}, Input(1, 7), unlimited, seed);
            EXPECT_EQ(child.size(), format.header_bytes);
            EXPECT_EQ(std::count(child.begin() + 1, child.end(), 0),
                      static_cast<std::ptrdiff_t>(format.header_bytes) - 1);
        }
    }
}

}  // namespace
}  // namespace fuzz::test
