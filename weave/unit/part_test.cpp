// The parts of a search keep the order of one process, no matter which one ends first.
#include <run/part.h>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using weave::End;
using weave::Part;
using weave::Parts;
using weave::Tally;
using weave::Verdict;

Tally tally(uint64_t executions, uint64_t finding = 0) {
    Tally tally;
    tally.numbers.executions = executions;
    tally.numbers.steps_min = executions;
    if (finding != 0) {
        tally.numbers.verdict = Verdict::assertion;
        tally.found.number = finding;
        tally.found.choices = {static_cast<uint8_t>(finding)};
    }
    return tally;
}

void end(Part& part, const Tally& counted, bool ends_all = false) {
    part.tally = counted;
    part.is_over = true;
    part.ends_all = ends_all;
    part.end = ends_all ? End::finding : End::finished;
}

TEST(Parts, what_is_given_away_last_comes_first) {
    Parts parts;
    Part& whole = *parts.next_open();
    parts.add_after(whole, "first gift");
    parts.add_after(whole, "second gift");
    whole.is_running = true;
    EXPECT_EQ(parts.next_open()->plan, "second gift");
    EXPECT_EQ(parts.open_count(), 2u);
}

TEST(Parts, the_first_finding_in_order_decides) {
    Parts parts;
    Part& whole = *parts.next_open();
    Part& last = parts.add_after(whole, "last");
    Part& second = parts.add_after(whole, "second");
    end(last, tally(7, 7), true);
    EXPECT_EQ(parts.decider(), nullptr);
    end(second, tally(5, 3), true);
    EXPECT_EQ(parts.decider(), nullptr);
    end(whole, tally(10));
    ASSERT_EQ(parts.decider(), &second);
    const Tally total = parts.total();
    EXPECT_EQ(total.numbers.executions, 15u);
    EXPECT_EQ(total.found.number, 13u);
    EXPECT_EQ(total.found.choices, (std::vector<uint8_t>{3}));
    EXPECT_EQ(total.numbers.steps_min, 5u);
}

TEST(Parts, neighbours_that_are_over_become_one) {
    Parts parts;
    Part& whole = *parts.next_open();
    end(parts.add_after(whole, "c"), tally(4, 2), true);
    end(parts.add_after(whole, "b"), tally(2));
    parts.fold();
    ASSERT_EQ(parts.all().size(), 2u);
    EXPECT_EQ(parts.all().back().tally.found.number, 4u);
    EXPECT_TRUE(parts.all().back().ends_all);
    EXPECT_FALSE(parts.is_over());
    end(whole, tally(1));
    parts.fold();
    EXPECT_EQ(parts.all().size(), 1u);
    EXPECT_EQ(parts.total().found.number, 5u);
}

TEST(Parts, two_exit_statuses_end_the_part_by_which_both_are_known) {
    Parts parts;
    Part& whole = *parts.next_open();
    Part& other = parts.add_after(whole, "other");
    parts.add_after(other, "later");
    Tally zero = tally(3);
    zero.numbers.first_zero = 1;
    end(whole, zero);
    EXPECT_EQ(parts.mark_statuses(), nullptr);
    Tally three = tally(6);
    three.with_status.number = 4;
    other.tally = three;
    EXPECT_EQ(parts.mark_statuses(), &other);
    EXPECT_EQ(parts.all().size(), 2u);
    EXPECT_EQ(parts.total().with_status.number, 7u);
}

TEST(Parts, come_back_from_their_bytes) {
    Parts parts;
    Part& whole = *parts.next_open();
    parts.add_after(whole, "rest");
    whole.tally.count_cut(weave::Cut::steps, 9, 1, true);
    end(whole, tally(8, 6));
    const std::string bytes = parts.save();
    Parts again;
    again.load(bytes);
    EXPECT_EQ(again.save(), bytes);
    EXPECT_EQ(again.next_open()->plan, "rest");
    EXPECT_EQ(again.total().found.number, 6u);
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_THROW(Parts().load(bytes.substr(0, size)), std::runtime_error) << size;
    }
}

TEST(Tally, of_a_cut_has_the_first_place) {
    Tally first = tally(10);
    Tally second = tally(5);
    second.numbers.executions = 2;
    second.count_cut(weave::Cut::loops, 30, 2, true);
    second.count_cut(weave::Cut::loops, 40, 3, true);
    first.add(second);
    const weave::CutCount& cut = first.numbers.cuts[static_cast<size_t>(weave::Cut::loops)];
    EXPECT_EQ(cut.executions, 2u);
    EXPECT_EQ(cut.first, 12u);
    EXPECT_EQ(cut.step, 30u);
}

}  // namespace
