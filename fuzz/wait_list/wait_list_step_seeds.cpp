// The generator of wait_list_step's seed corpus and benchmark inputs.
#include <utility>

#include "fuzz/kit/schedule_builder.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz {
namespace {

// Bytes; see the tables in wait_list_step_schedule.cpp.
enum Opcode : uint8_t {
    poll = 0,
    push_condition = 1,
    push_normal_done = 2,
    set_counter = 3,
    push_conditions = 4,
    drain = 5,
    drain_with_sink = 6,
    push_for_each_task = 7,
    push_normal_dones = 8,
    set_record = 9,
    poll_without_scheduler = 10,
    poll_while_busy = 11,
    leave_gap = 12,
    fill_gap = 13,
    flush_releases = 14,
    start_over = 15,
    push_unknown_kind = 16,
    complete_elsewhere = 17,
    many_conditions = 32 + 4,     ///< 60 + task % 8
    registration = 128 + 4,       ///< 1 + c % 8
    long_registration = 192 + 4,  ///< 61 + c % 4
    many_tasks = 224 + 7,         ///< 63 + count
    many_normal_dones = 224 + 8,  ///< 63 + count
};
constexpr unsigned expect_1 = 0x10;
constexpr unsigned expect_max = 0xf0;
constexpr unsigned cookie_0 = 0x50;
constexpr unsigned cookie_2_to_the_32 = 0x60;
constexpr unsigned cookie_2_to_the_63 = 0xe0;
constexpr unsigned record_is_2_to_the_32_plus_1 = 7;
constexpr unsigned record_is_2_to_the_63 = 14;
constexpr unsigned record_is_max = 15;
constexpr unsigned task_64 = 208;
constexpr unsigned a_record = 64;
constexpr unsigned null_word = 120;
constexpr unsigned counter_plus_1 = 121;
constexpr unsigned record_plus_1 = 123;
constexpr unsigned record_half = 124;
constexpr unsigned null_slot = 248;
constexpr unsigned slot_of_next_task = 253;
constexpr unsigned misaligned_slot = 255;
constexpr unsigned as_record = 29;
constexpr unsigned as_unknown = 30;
constexpr unsigned as_negative = 31;

enum Shape : uint8_t { a2a3 = 0, a5 = 1, a2a3_small = 2, a5_small = 3 };
constexpr uint8_t release_256 = 0;
constexpr uint8_t release_none = 1;
constexpr uint8_t release_1 = 2;

using Builder = ScheduleBuilder<WaitListStepSchedule>;

// Start tickets.
constexpr unsigned from_zero = 0;
constexpr unsigned below_wrap = 1;
constexpr unsigned distance = 5;

void add_for_shape(std::vector<Seed>& seeds, uint8_t shape, const std::string& suffix) {
    const auto add = [&](const char* name, const Builder& builder) {
        seeds.push_back({name + suffix, builder.bytes()});
    };
    const auto build = [shape](uint8_t release = release_256) {
        return Builder({shape, from_zero, distance, release});
    };
    add("inline", build().add(push_normal_done, 3).add(drain_with_sink).add(flush_releases));
    add("counter", build(release_none)
                       .add(push_condition, 1, 2, expect_1)
                       .add(push_normal_done, 1)
                       .add(poll)
                       .add(set_counter, 2, 0, 1)
                       .add(poll)
                       .add(poll));
    add("record", build(release_1)
                      .add(push_condition, 1, a_record, 0)
                      .add(push_condition, 2, a_record + 1, expect_1)
                      .add(poll)
                      .add(set_record, 0, 0, 1)
                      .add(poll)
                      .add(set_record, 1, 0, 1)
                      .add(poll)
                      .add(set_record, 1, 0, 3)
                      .add(push_normal_done, 1)
                      .add(push_normal_done, 2)
                      .add(poll)
                      .add(push_normal_done, 3)
                      .add(poll));
    add("shared-record", build()
                             .add(push_condition, 1, a_record, cookie_2_to_the_32)
                             .add(push_condition, 2, a_record, cookie_2_to_the_63)
                             .add(push_condition, 3, a_record, expect_max)
                             .add(push_normal_dones, 1, 3)
                             .add(poll)
                             .add(set_record, 0, 0, record_is_2_to_the_32_plus_1)
                             .add(poll)
                             .add(set_record, 0, 0, record_is_2_to_the_63)
                             .add(poll)
                             .add(set_record, 0, 0, record_is_max)
                             .add(poll));
    add("conditions-64", build()
                             .add(many_conditions, 4, 0, expect_1)
                             .add(drain)
                             .add(push_normal_done, 4)
                             .add(poll)
                             .add(poll_without_scheduler));
    add("conditions-65", build()
                             .add(many_conditions, 4, 0, expect_1)
                             .add(drain)
                             .add(push_condition, 4, 0, 0)
                             .add(push_condition, 5, 0, 0)
                             .add(drain_with_sink)
                             .add(drain)
                             .add(poll)
                             .add(start_over)
                             .add(push_normal_done, 4)
                             .add(poll));
    add("entries-64-and-a-visit", build(release_1)
                                      .add(many_tasks - 64, 0, 5, expect_1)
                                      .add(drain)
                                      .add(push_for_each_task + 32, 50, 5, expect_1)
                                      .add(drain)
                                      .add(push_normal_dones, 0, 9, 0)
                                      .add(drain)
                                      .add(set_counter, 5, 0, 1)
                                      .add(push_condition, task_64, 5, expect_1)
                                      .add(drain_with_sink));
    add("malformed-slot", build()
                              .add(push_normal_done, 1, null_slot)
                              .add(drain)
                              .add(start_over)
                              .add(push_normal_done, 1, slot_of_next_task)
                              .add(drain_with_sink)
                              .add(start_over)
                              .add(push_normal_done, 1, misaligned_slot)
                              .add(poll)
                              .add(start_over)
                              .add(push_normal_done, 6, slot_of_next_task)
                              .add(drain_with_sink)
                              .add(push_normal_done, 7)
                              .add(drain_with_sink));
    add("malformed-order", build()
                               .add(push_normal_done, 1)
                               .add(push_condition, 1, 0, 0)
                               .add(drain)
                               .add(start_over)
                               .add(push_normal_done, 1)
                               .add(push_normal_done, 1)
                               .add(drain)
                               .add(start_over)
                               .add(push_normal_done, 1)
                               .add(push_normal_done, 1)
                               .add(drain_with_sink)
                               .add(start_over)
                               .add(push_unknown_kind, 1, 7, 0)
                               .add(push_condition, 1, 0, 0)
                               .add(poll));
    Builder registrations = build(release_1).add(set_counter, 2, 0, 1);
    for (unsigned count = 0; count < 8; ++count) {
        registrations.add(registration, count, 2 + a_record * (count % 2), expect_1 + count);
    }
    add("registrations", registrations.add(poll)
                             .add(set_record, 2, 0, 1)
                             .add(set_counter, 3, 0, 1)
                             .add(poll)
                             .add(long_registration, 1, 5, expect_1 + 3)
                             .add(drain_with_sink)
                             .add(push_condition, 1, 0, 0));
    add("malformed-registrations", build()
                                       .add(registration, 1, null_slot, 0)
                                       .add(poll)
                                       .add(start_over)
                                       .add(registration, 1, slot_of_next_task, 3)
                                       .add(poll)
                                       .add(start_over)
                                       .add(registration, 1, misaligned_slot, 0)
                                       .add(drain)
                                       .add(start_over)
                                       .add(registration, 1, 4, expect_1 + 2)
                                       .add(registration, 1, 4, expect_1 + 2)
                                       .add(drain)
                                       .add(start_over)
                                       .add(registration, 1, 4, expect_1 + 2)
                                       .add(push_normal_done, 1)
                                       .add(poll)
                                       .add(start_over)
                                       .add(push_condition, 1, 4, expect_1)
                                       .add(push_normal_done, 1)
                                       .add(registration, 1, 4, expect_1 + 2)
                                       .add(poll)
                                       .add(start_over)
                                       .add(push_condition, 1, 4, expect_1)
                                       .add(registration, 1, 4, expect_1 + 2)
                                       .add(poll)
                                       .add(start_over)
                                       .add(registration, 1, 0, 0)
                                       .add(poll)
                                       .add(push_condition, 2, 0, 0)
                                       .add(registration, 1, 0, 0)
                                       .add(poll));
    for (const auto& [word, type] : {std::pair{0u, as_unknown},
                                     {0u, as_negative},
                                     {a_record, as_record},
                                     {a_record, cookie_0},
                                     {null_word, 0u},
                                     {counter_plus_1, 0u},
                                     {record_plus_1, 0u},
                                     {record_half, as_record},
                                     {record_half, 0u}}) {
        add(("condition-" + std::to_string(word) + "-" + std::to_string(type)).c_str(),
            build()
                .add(push_normal_done, 2)
                .add(push_condition, 1, word, type)
                .add(push_condition, 3, 0, expect_max)
                .add(poll)
                .add(poll)
                .add(start_over)
                .add(poll));
    }
    add("completed-elsewhere", build()
                                   .add(push_condition, 1, 0, expect_1)
                                   .add(push_normal_done, 1)
                                   .add(drain)
                                   .add(complete_elsewhere, 1)
                                   .add(set_counter, 0, 0, 1)
                                   .add(poll));
    add("gap", build()
                   .add(push_condition, 1, 0, 0)
                   .add(leave_gap)
                   .add(push_normal_done, 1)
                   .add(drain)
                   .add(poll_while_busy)
                   .add(fill_gap, 1, 1, 0)
                   .add(poll)
                   .add(leave_gap)
                   .add(poll));
    add("several-runs", build(release_1)
                            .add(many_tasks - 96, 0, 1, expect_1)
                            .add(set_counter, 1, 0, 1)
                            .add(drain)
                            .add(many_normal_dones - 96, 0, 1, 0)
                            .add(poll)
                            .add(start_over)
                            .add(many_tasks - 96, 0, 1, expect_1)
                            .add(many_normal_dones - 96, 0, 1, 0)
                            .add(poll)
                            .add(flush_releases));
}

}  // namespace

std::vector<Seed> WaitListStepSchedule::seeds() {
    std::vector<Seed> seeds;
    add_for_shape(seeds, a2a3, "-a2a3");
    add_for_shape(seeds, a5, "-a5");
    seeds.push_back({"entries-65", Builder({a2a3, from_zero, distance, release_256})
                                       .add(many_tasks, 0, 1, expect_max)
                                       .add(drain)
                                       .add(push_condition, task_64, 0, 0)
                                       .add(drain_with_sink)
                                       .bytes()});
    seeds.push_back({"entries-65-no-scheduler", Builder({a5, from_zero, distance, release_256})
                                                    .add(many_tasks, 0, 2, expect_max)
                                                    .add(drain)
                                                    .bytes()});
    seeds.push_back({"entry-65-visit-fails", Builder({a2a3, from_zero, distance, release_256})
                                                 .add(push_condition, 1, null_word, 0)
                                                 .add(push_normal_done, 1)
                                                 .add(many_tasks, 2, 0, expect_max)
                                                 .add(drain)
                                                 .add(push_condition, 0, 0, 0)
                                                 .add(drain_with_sink)
                                                 .bytes()});
    for (const uint8_t shape : {uint8_t{a2a3_small}, uint8_t{a5_small}}) {
        Builder full({shape, below_wrap, distance, release_256});
        full.add(many_tasks, 0, 1, expect_1).add(push_normal_done, 1).add(set_counter, 0, 0, 1);
        for (unsigned i = 0; i < 12; ++i) {
            full.add(push_conditions, i, i, expect_1).add(drain_with_sink);
        }
        seeds.push_back({"full-mailbox-" + std::to_string(shape), full.bytes()});
        Builder full_of_registrations({shape, below_wrap, distance, release_256});
        for (unsigned i = 0; i < 24; ++i) {
            full_of_registrations.add(registration, i, i, expect_1 + i).add(push_condition, 9, 1);
            if (i % 8 == 7) {
                full_of_registrations.add(drain_with_sink);
            }
        }
        seeds.push_back(
            {"full-of-registrations-" + std::to_string(shape), full_of_registrations.bytes()});
    }
    Builder full_size({a2a3, below_wrap, distance, release_256});
    for (unsigned i = 0; i < 68; ++i) {
        full_size.add(many_conditions, 128 + i, i, expect_1);
    }
    full_size.add(push_normal_done, 1).add(drain_with_sink).add(poll);
    seeds.push_back({"full-size", full_size.bytes()});
    Random random(3);
    for (const size_t size : {32u, 64u, 256u, 1024u, 4096u}) {
        for (const uint8_t shape : {a2a3, a5, a2a3_small, a5_small}) {
            seeds.push_back({"random-" + std::to_string(size) + "-" + std::to_string(shape),
                             random_schedule(random, size, {{1, shape}})});
        }
    }
    return seeds;
}

// 128 inputs around 64 bytes, over both platforms and mailbox sizes; one of them fills all 4096
// slots: 0.8 %.
std::vector<Seed> WaitListStepSchedule::benchmark_inputs() {
    std::vector<Seed> inputs =
        random_benchmark_inputs(66, 127, [](Random& random, unsigned i, size_t size) {
            return random_schedule(random, size, {{1, i % 8}});
        });
    Builder full_size({a2a3, from_zero, distance, release_256});
    for (unsigned i = 0; i < 66; ++i) {
        full_size.add(many_conditions, 128 + i, i, expect_1);
    }
    full_size.add(drain_with_sink).add(poll);
    inputs.push_back({"full-size", full_size.bytes()});
    return inputs;
}

}  // namespace fuzz
