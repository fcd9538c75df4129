// The trace: what is recorded of cores and threads, the limit, and JSON that holds any name. That
// whole files parse and fit the runs they are of is sim/programs/tests/trace_test.py's.
#include "sim/trace.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace mailproof::test {
namespace {

using pto::CoreWord;
using pto::DispatchPayload;
using pto::sim::CoreEvent;
using pto::sim::Trace;

std::string written(Trace& trace) {
    std::ostringstream out;
    trace.write(out, [](uint64_t kernel) { return "kernel " + std::to_string(kernel); });
    return out.str();
}

size_t count(const std::string& text, const std::string& part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

DispatchPayload payload_of(uint64_t kernel, int32_t block) {
    return {.kernel_addr = kernel, .block_index = block, .block_num = 9};
}

uint32_t ack(uint32_t id) { return CoreWord{id, false}.raw(); }
uint32_t fin(uint32_t id) { return CoreWord{id, true}.raw(); }

TEST(TraceTest, strings_are_escaped) {
    EXPECT_EQ(pto::sim::json_string("plain"), "\"plain\"");
    EXPECT_EQ(pto::sim::json_string("\"\\\n\x7f\xff"), "\"\\\"\\\\\\u000a\\u007f\\u00ff\"");
}

TEST(TraceTest, times_are_microseconds_with_a_fraction) {
    EXPECT_EQ(pto::sim::json_microseconds(0), "0.000");
    EXPECT_EQ(pto::sim::json_microseconds(12'005), "12.005");
}

TEST(TraceTest, a_subtask_is_a_span_of_its_core) {
    Trace trace({.cluster_count = 1});
    trace.core_event(0, 2, CoreEvent::STARTED, payload_of(7, 3), 1'000);
    trace.core_event(0, 2, CoreEvent::FINISHED, payload_of(7, 3), 4'500);
    EXPECT_EQ(count(written(trace),
                    "{\"name\":\"kernel 7 [3]\",\"ph\":\"X\",\"pid\":0,\"tid\":4,\"ts\":1.000,"
                    "\"dur\":3.500,\"args\":{\"task\":\"kernel 7\",\"block\":3,\"blocks\":9,"
                    "\"finished\":true}}"),
              1u);
}

TEST(TraceTest, a_subtask_that_never_finishes_ends_with_the_trace) {
    Trace trace({.cluster_count = 1});
    trace.core_event(0, 1, CoreEvent::STARTED, payload_of(7, 0), 1'000);
    trace.dispatched(0, 0, 0, 6'000);
    EXPECT_EQ(count(written(trace),
                    "\"ts\":1.000,\"dur\":5.000,\"args\":{\"task\":\"kernel 7\","
                    "\"block\":0,\"blocks\":9,\"finished\":false}"),
              1u);
}

TEST(TraceTest, a_thread_is_busy_until_it_idles) {
    Trace trace({.cluster_count = 2, .thread_count = 2});
    trace.dispatched(0, 3, 0, 1'000);  // cluster 1 belongs to thread 1
    trace.dispatched(0, 4, 0, 2'000);
    trace.status_read(0, 3, ack(0), 2'500);
    trace.status_read(0, 3, fin(0), 3'000);
    trace.status_read(0, 3, fin(0), 3'500);
    trace.idled(0, 0, 3'700);
    trace.idled(0, 1, 4'000);
    trace.idled(0, 1, 5'000);
    trace.idled(0, 2, 5'000);  // the submitting thread
    const std::string text = written(trace);
    EXPECT_EQ(count(text, "\"busy\""), 1u);
    EXPECT_EQ(count(text,
                    "\"tid\":2,\"ts\":1.000,\"dur\":3.000,"
                    "\"args\":{\"dispatches\":2,\"fins\":1}"),
              1u);
}

TEST(TraceTest, a_fin_that_a_later_word_hid_is_counted) {
    Trace trace({.cluster_count = 1});
    for (const uint32_t word : {ack(0), ack(1), fin(1), ack(2), fin(3), fin(4)}) {
        trace.status_read(0, 0, word, 1'000);
    }
    trace.idled(0, 0, 1'000);
    EXPECT_EQ(count(written(trace), "\"dispatches\":0,\"fins\":5}"), 1u);
}

TEST(TraceTest, the_word_to_leave_is_not_a_dispatch) {
    Trace trace({.cluster_count = 1});
    trace.dispatched(0, 0, pto::AICORE_DOORBELL_EXIT, 1'000);
    EXPECT_EQ(count(written(trace), "\"busy\""), 0u);
}

TEST(TraceTest, counters_follow_conditions_and_mailbox) {
    Trace trace({.cluster_count = 1});
    uint64_t depth = 0;
    trace.watch_mailboxes([&depth](uint32_t) { return depth; });
    trace.conditions_left(0, 5, 1'000);
    trace.work_ended(2, 2'000);
    depth = 9;
    trace.idled(0, 0, 3'000);
    trace.idled(0, 0, 4'000);
    const std::string text = written(trace);
    EXPECT_EQ(count(text, "\"ts\":1.000,\"args\":{\"value\":5}"), 1u);
    EXPECT_EQ(count(text, "\"ts\":2.000,\"args\":{\"value\":3}"), 1u);
    EXPECT_EQ(count(text, "\"mailbox depth\""), 1u);
    EXPECT_EQ(count(text, "\"ts\":3.000,\"args\":{\"value\":9}"), 1u);
}

TEST(TraceTest, keeps_no_more_than_its_limit_and_says_so) {
    Trace trace({.cluster_count = 1, .events_max = 10});
    for (uint64_t i = 0; i < 25; ++i) {
        trace.conditions_left(0, 1, i);
    }
    EXPECT_EQ(trace.left_out(), 15u);
    const std::string text = written(trace);
    EXPECT_EQ(count(text, "\"ph\":\"C\""), 10u);
    EXPECT_EQ(count(text, "the trace is full: 15 events left out"), 1u);
}

TEST(TraceTest, events_are_in_the_order_of_their_time) {
    Trace trace({.cluster_count = 1});
    trace.core_event(0, 0, CoreEvent::STARTED, payload_of(1, 0), 1'000);
    trace.conditions_left(0, 1, 2'000);
    trace.core_event(0, 0, CoreEvent::FINISHED, payload_of(1, 0), 3'000);
    const std::string text = written(trace);
    EXPECT_LT(text.find("\"ts\":1.000"), text.find("\"ts\":2.000"));
}

}  // namespace
}  // namespace mailproof::test
