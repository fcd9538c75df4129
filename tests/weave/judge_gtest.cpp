// A test that judges executions when they are over: what it finds is explained like weave's own
// findings.
#include <weave/weave.h>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

enum Mark : uint64_t { first_begins = 1, first_ends, second_begins, second_ends };

int counted = 0;

/// Adds 1 by a load and a store, between two marks.
void add_one(std::atomic<int>& count, uint64_t begins) {
    weave::mark(begins, /*is_ordered=*/false);
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    weave::mark(begins + 1, /*is_ordered=*/false);
}

/// Two threads that may lose an addition.
void count_to_two() {
    std::atomic<int> count{0};
    std::thread other([&] { add_one(count, second_begins); });
    add_one(count, first_begins);
    other.join();
    counted = count.load(std::memory_order_relaxed);
}

weave::Judgement judge_count() {
    if (counted == 2) {
        return {};
    }
    return {
        "lost", std::to_string(2 - counted) + " additions are lost", {{first_begins, first_ends}}};
}

weave::Options judged_options() {
    weave::Options options;
    options.executions = 1000;
    options.is_quiet = true;
    options.judge = judge_count;
    options.mark_text = [](uint64_t number) { return "point " + std::to_string(number); };
    return options;
}

TEST(Judge, makes_what_it_finds_a_finding) {
    const weave::Result result = weave::explore(judged_options(), count_to_two);
    EXPECT_EQ(result.verdict, weave::Verdict::judged);
    EXPECT_EQ(result.finding.what, "lost: 1 additions are lost");
    EXPECT_EQ(result.count[static_cast<size_t>(weave::Verdict::judged)], 1u);
    EXPECT_EQ(result.finding.report.find("weave: FINDING lost: 1 additions are lost\n"), 0u)
        << result.finding.report;
}

TEST(Judge, finds_nothing_where_it_says_nothing) {
    weave::Options options = judged_options();
    options.judge = [] { return weave::Judgement{}; };
    const weave::Result result = weave::explore(options, count_to_two);
    EXPECT_EQ(result.verdict, weave::Verdict::ok);
    EXPECT_EQ(result.executions, 1000u);
}

TEST(Judge, has_its_findings_explained) {
    weave::Options options = judged_options();
    options.explain = weave::Explain::finding;
    const weave::Finding found = weave::explore(options, count_to_two).finding;
    // Both load the initial value, and nothing else matters.
    EXPECT_NE(found.report.find("fact 2:"), std::string::npos) << found.report;
    EXPECT_EQ(found.report.find("fact 3:"), std::string::npos) << found.report;
    EXPECT_NE(found.report.find("with these facts all "), std::string::npos) << found.report;
    EXPECT_NE(found.explanation.find("\"verdict\": \"lost\""), std::string::npos);
}

TEST(Judge, names_the_parts_that_the_report_shows) {
    weave::Options options = judged_options();
    options.explain = weave::Explain::finding;
    const weave::Finding found = weave::explore(options, count_to_two).finding;
    EXPECT_NE(found.report.find("| point 1 "), std::string::npos) << found.report;
    EXPECT_NE(found.report.find("| point 2 "), std::string::npos) << found.report;
    EXPECT_EQ(found.report.find("point 3"), std::string::npos) << found.report;
}

TEST(Judge, judges_replays_too) {
    const weave::Finding found = weave::explore(judged_options(), count_to_two).finding;
    weave::Options options = judged_options();
    options.replay = found.schedule;
    const weave::Result again = weave::explore(options, count_to_two);
    EXPECT_EQ(again.verdict, weave::Verdict::judged);
    EXPECT_EQ(again.finding.report, found.report);
}

TEST(Judge, finds_a_failure_again_by_its_operations) {
    weave::Options options = judged_options();
    options.explain = weave::Explain::finding;
    options.recall = weave::explore(options, count_to_two).finding.operations;
    ASSERT_NE(options.recall.find("verdict lost\n"), std::string::npos) << options.recall;
    EXPECT_EQ(weave::explore(options, count_to_two).verdict, weave::Verdict::judged);
    options.judge = [] { return weave::Judgement{}; };
    EXPECT_EQ(weave::explore(options, count_to_two).verdict, weave::Verdict::ok);
}

TEST(Judge, may_ask_for_the_order_of_marks) {
    static uint64_t last = 0;
    weave::Options options;
    options.executions = 1000;
    options.is_quiet = true;
    options.explain = weave::Explain::finding;
    // The judge's own variable, which is not a part of the program.
    options.finds_races = false;
    options.judge = [] {
        return last == second_begins ? weave::Judgement{"late", "the second came last", {}}
                                     : weave::Judgement{};
    };
    const weave::Finding found = weave::explore(options, [] {
                                     const auto come = [](uint64_t number) {
                                         std::this_thread::yield();
                                         weave::mark(number, /*is_ordered=*/true);
                                         last = number;
                                     };
                                     std::thread other(come, second_begins);
                                     come(first_begins);
                                     other.join();
                                 }).finding;
    EXPECT_NE(found.report.find("fact 1: thread 0: mark 1 comes before thread 1: mark 3\n"),
              std::string::npos)
        << found.report;
}

TEST(Judge, is_not_for_a_search_through_graphs) {
    weave::Options options = judged_options();
    options.mode = weave::Mode::exhaustive;
    EXPECT_THROW(weave::explore(options, count_to_two), std::invalid_argument);
    options.mode = weave::Mode::dfs;
    EXPECT_EQ(weave::explore(options, count_to_two).verdict, weave::Verdict::judged);
}

TEST(Before, is_called_before_each_execution) {
    weave::Options options;
    options.executions = 50;
    int calls = 0;
    options.before = [&] { ++calls; };
    EXPECT_EQ(weave::explore(options, count_to_two).executions, 50u);
    EXPECT_EQ(calls, 50);
}

}  // namespace
