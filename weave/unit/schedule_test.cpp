#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <report/schedule.h>
#include <run/random.h>

namespace weave {
namespace {

using Choices = std::vector<uint8_t>;

constexpr uint64_t the_program = 0x0123456789abcdef;

std::string text_of(const Choices& choices, const Settings& settings = {}) {
    return schedule_text(settings, choices.data(), choices.size(), the_program);
}

Choices choices_in(const std::string& text) {
    Settings settings;
    Choices choices;
    uint64_t program = 0;
    EXPECT_TRUE(parse_schedule(text, settings, choices, program)) << text;
    return choices;
}

bool is_accepted(const std::string& text) {
    Settings settings;
    Choices choices;
    uint64_t program = 0;
    return parse_schedule(text, settings, choices, program);
}

TEST(ScheduleTest, choices_survive_the_text) {
    Random random(1, 0);
    for (int round = 0; round < 200; ++round) {
        Choices choices(random.below(500));
        for (uint8_t& choice : choices) {
            // Long runs of the same, and any number.
            choice = static_cast<uint8_t>(random.below(round % 2 == 0 ? 2 : 256));
        }
        choices.push_back(1);
        const std::string text = text_of(choices);
        ASSERT_TRUE(is_schedule(text));
        ASSERT_EQ(choices_in(text), choices);
    }
}

TEST(ScheduleTest, zeros_at_the_end_are_left_out) {
    EXPECT_EQ(choices_in(text_of({1, 0, 2, 0, 0, 0})), (Choices{1, 0, 2}));
    EXPECT_EQ(text_of({0, 0}), text_of({}));
    EXPECT_TRUE(choices_in(text_of({})).empty());
}

TEST(ScheduleTest, repeated_choices_are_a_number_and_a_count) {
    const Choices choices(5'000, 7);
    EXPECT_NE(text_of(choices).find("7*5000"), std::string::npos);
    EXPECT_EQ(choices_in(text_of(choices)), choices);
}

TEST(ScheduleTest, settings_survive_the_text) {
    for (unsigned bits = 0; bits < 128; ++bits) {
        Settings settings;
        settings.memory = (bits & 1) != 0 ? Memory::sc : Memory::c20;
        settings.spurious_wakeups = (bits & 2) != 0;
        settings.reuses_memory = (bits & 4) != 0;
        settings.plain_choice_points = (bits & 8) != 0;
        settings.status_is_finding = (bits & 32) != 0;
        settings.finds_races = (bits & 64) != 0;
        if ((bits & 16) != 0) {
            settings.held_thread = 63;
            settings.held_is_atomic = true;
            settings.held_step = 123'456'789'012;
        }
        Settings parsed;
        Choices choices;
        uint64_t program = 0;
        ASSERT_TRUE(parse_schedule(text_of({3}, settings), parsed, choices, program));
        EXPECT_EQ(program, the_program);
        EXPECT_EQ(parsed.memory, settings.memory);
        EXPECT_EQ(parsed.spurious_wakeups, settings.spurious_wakeups);
        EXPECT_EQ(parsed.reuses_memory, settings.reuses_memory);
        EXPECT_EQ(parsed.plain_choice_points, settings.plain_choice_points);
        EXPECT_EQ(parsed.status_is_finding, settings.status_is_finding);
        EXPECT_EQ(parsed.finds_races, settings.finds_races);
        EXPECT_EQ(parsed.held_thread, settings.held_thread);
        EXPECT_EQ(parsed.held_step, settings.held_step);
        EXPECT_EQ(parsed.held_is_atomic, settings.held_is_atomic);
        EXPECT_EQ(choices, Choices{3});
    }
}

TEST(ScheduleTest, white_space_does_not_matter) {
    EXPECT_EQ(choices_in("weave-schedule 2 memory=sc\t1\n\n2*3"), (Choices{1, 2, 2, 2}));
}

TEST(ScheduleTest, text_that_is_not_a_schedule_is_refused) {
    for (const std::string text : {"", "weave", "weave-schedule", "weave-schedule 1\n", "1 2 3",
                                   "schedule 1\n1 2", "weave-schedules 1"}) {
        EXPECT_FALSE(is_accepted(text)) << text;
    }
}

TEST(ScheduleTest, malformed_text_is_refused) {
    for (const std::string word : {"256",
                                   "-1",
                                   "x",
                                   "1x",
                                   "1*x",
                                   "1*2x",
                                   "1*2*3",
                                   "1*-1",
                                   "1*999999999999",
                                   "0x10",
                                   "5*",
                                   "*3",
                                   "memory=tso",
                                   "memory=",
                                   "spurious=maybe",
                                   "hold=3",
                                   "hold=a@1",
                                   "hold=1024@1",
                                   "hold=3@",
                                   "program=",
                                   "program=12x",
                                   "status=2",
                                   "colour=1",
                                   "=",
                                   "99999999999999999999"}) {
        EXPECT_FALSE(is_accepted("weave-schedule 2\n1 2 " + word + " 3")) << word;
    }
}

}  // namespace
}  // namespace weave
