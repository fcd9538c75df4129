// The generator of scheduler_step's and platform_pair's seed corpora and benchmark inputs.
#include "fuzz/kit/schedule_builder.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"

namespace fuzz {
namespace {

// Bytes; see the tables in scheduler_step_schedule.cpp.
enum Opcode : uint8_t {
    submit = 0,
    turn = 1,
    cores_go = 2,
    wait = 3,
    core_ack = 4,
    core_fin = 5,
    set_counter = 6,
    set_record = 7,
    begin_scope = 8,
    end_scope = 9,
    leave_gap = 10,
    fill_gap = 11,
    hold_lock = 12,
    release_lock = 13,
    repeat = 22,
    advance_clock = 27,
    finish_submission = 28,
    push_unknown = 29,
    stop = 30,
};

// Argument a of submit: cores + 8 * (blocks - 1).
constexpr unsigned dummy = 0;
constexpr unsigned aic = 1;
constexpr unsigned aiv = 2;
constexpr unsigned mixed = 7;
constexpr unsigned mixed_aic_aiv0 = 3;
constexpr unsigned mixed_aiv = 6;
constexpr unsigned two_blocks = 8;
constexpr unsigned four_blocks = 24;
constexpr unsigned no_block = 252;
constexpr unsigned unknown_core = 254;
constexpr unsigned too_many_subtasks = 255;
// Argument b: what it comes after.
constexpr unsigned after_none = 0;
constexpr unsigned after_last = 1;
constexpr unsigned after_two = 2;
constexpr unsigned after_eight = 252;
constexpr unsigned after_never = 255;
// Argument c: conditions.
constexpr unsigned plain = 0;
constexpr unsigned one_condition = 64 + 8;  ///< counter 4, expecting 1
constexpr unsigned three_conditions = 64 + 10;
constexpr unsigned met_condition = 8;  ///< counter 0, expecting 0
constexpr unsigned conditions_of_block_0 = 64 + 11;
constexpr unsigned conditions_16 = 12;
constexpr unsigned conditions_22 = 16 + 12;
constexpr unsigned conditions_64 = 48 + 12;
constexpr unsigned waiting_conditions_64 = 64 + 48 + 12;
constexpr unsigned records_2 = 64 + 13;
constexpr unsigned fault = 14;  ///< + 32 * which, + 16 for a condition besides
constexpr unsigned unknown_type = 15;
constexpr unsigned null_address = 16 + 15;
constexpr unsigned really = 255;          ///< of what is rare
constexpr unsigned watchdog_error = 254;  ///< of stop

enum Platform : uint8_t { a2a3 = 0, a5 = 1, a2a3_small = 2, a5_small = 3 };
enum Shape : uint8_t {
    two_threads = 0,
    tiny = 1,
    three_threads = 2,
    wide = 3,
    few_records = 4,
    window_of_1 = 5,
    board_24 = 6,
    board_36 = 7,
    board_64 = 8,
};
constexpr unsigned before_2_to_32 = 3;
constexpr unsigned before_2_to_64 = 7;
constexpr unsigned last_of_2_to_64 = 6;
constexpr unsigned watchdog_of_5 = 2;
constexpr unsigned watchdog_of_2 = 3;
constexpr unsigned ids_end_soon = 4;
constexpr unsigned cores_leave_late = 16;
constexpr unsigned core_0_stays = 12 * 16;
constexpr unsigned running_cores_stay = 15 * 16;

class Builder : public ScheduleBuilder<SchedulerStepSchedule> {
  public:
    Builder(unsigned platform, unsigned shape, unsigned first_task = 0, unsigned watchdog = 0)
        : ScheduleBuilder({platform, shape, first_task, watchdog}) {}

    Builder& add(unsigned opcode, unsigned a = 0, unsigned b = 0, unsigned c = 0) {
        ScheduleBuilder::add(opcode, a, b, c);
        return *this;
    }
    /// The last `operations` operations again, up to 8 times, or a multiple of 16 times.
    Builder& again(unsigned operations, unsigned times) {
        return add(repeat, operations - 1, times <= 8 ? times - 1 : 239 + times / 16, really);
    }
    /// A turn of each thread, after the cores did what they could.
    Builder& round(unsigned threads) {
        add(cores_go);
        for (unsigned thread = 0; thread < threads; ++thread) {
            add(turn, thread).add(wait, thread);
        }
        return *this;
    }
};

std::vector<uint8_t> random_of(Random& random, unsigned platform, unsigned shape, size_t size) {
    std::vector<uint8_t> bytes = random_schedule(random, size, {{1, platform}, {2, shape}});
    // The largest watchdog: a random schedule has many waits in a row.
    bytes[4] = static_cast<uint8_t>(bytes[4] & 0xfc);
    return bytes;
}

Builder chain(uint8_t platform, unsigned conditions) {
    Builder chain(platform, two_threads);
    for (unsigned i = 0; i < 6; ++i) {
        chain.add(submit, i % 2 == 0 ? aic : aiv, after_last, conditions).round(2);
    }
    return chain;
}

/// Ten submissions of six tasks for the six cores, and `more` tasks.
Builder many_waiting(uint8_t platform, unsigned more) {
    Builder waiting(platform, wide);
    waiting.add(submit, aiv, after_none, one_condition).again(1, 5).round(2).again(11, 8);
    waiting.again(11, 1);
    for (unsigned i = 0; i < more; ++i) {
        waiting.add(submit, aiv, after_none, one_condition);
    }
    return waiting.round(2).again(5, 2);
}

/// Many cores end subtasks with many conditions, so that a mailbox of 32 is full at once.
Builder full_mailbox(uint8_t platform, unsigned conditions) {
    return Builder(platform, three_threads, 0, watchdog_of_5)
        .add(submit, mixed, after_none, conditions)
        .add(submit, aiv + two_blocks, after_none, conditions)
        .add(turn, 0)
        .add(turn, 1)
        .add(turn, 2)
        .add(cores_go);
}

void add_for_platform(std::vector<Seed>& seeds, uint8_t platform, const std::string& suffix) {
    const auto add = [&](const char* name, const Builder& builder) {
        seeds.push_back({name + suffix, builder.bytes()});
    };
    add("chain", chain(platform, plain));
    add("chain-deferred", chain(platform, one_condition).add(set_counter, 4, 0, 1).round(2));
    add("chain-records", chain(platform, records_2).add(set_record, 0).add(set_record, 1).round(2));
    add("diamond", Builder(platform, three_threads)
                       .add(submit, mixed + two_blocks)
                       .add(submit, aic + four_blocks, after_last)
                       .add(submit, aiv + four_blocks, after_two)
                       .add(submit, dummy, after_eight)
                       .add(submit, dummy, after_last)
                       .round(3)
                       .round(3)
                       .add(submit, aiv, after_last)
                       .add(finish_submission, 0, 0, really));
    add("register-protocol", Builder(platform, tiny)
                                 .add(submit, aic)
                                 .add(submit, aic)
                                 .add(submit, aic)
                                 .add(turn)
                                 .add(core_ack)
                                 .add(turn)
                                 .add(turn)
                                 .add(core_fin)
                                 .add(turn)
                                 .add(core_ack)
                                 .add(turn)
                                 .add(turn)
                                 .add(core_fin)
                                 .add(core_ack)
                                 .add(core_fin)
                                 .add(turn)
                                 .add(wait));
    add("window-and-scopes", Builder(platform, two_threads)
                                 .add(begin_scope)
                                 .add(submit, aic)
                                 .add(submit, aiv, after_last)
                                 .add(end_scope)
                                 .round(2)
                                 .round(2)
                                 .add(begin_scope)
                                 .add(begin_scope)
                                 .add(submit, aic, after_two)
                                 .round(2)
                                 .add(end_scope)
                                 .add(end_scope)
                                 .add(end_scope)
                                 .add(end_scope)
                                 .add(submit, aic));
    for (const unsigned first : {before_2_to_32, before_2_to_64}) {
        Builder reuse(platform, two_threads, first, first == before_2_to_32 ? ids_end_soon : 0);
        for (const unsigned cores : {aiv, mixed_aic_aiv0}) {
            reuse.add(begin_scope).add(submit, cores, after_last).add(end_scope).round(2);
        }
        add(first == before_2_to_32 ? "slot-reuse-past-2-to-32" : "slot-reuse-past-2-to-64",
            reuse.again(16, 5));
    }
    Builder held_over(platform, tiny, last_of_2_to_64);
    for (unsigned i = 0; i < 6; ++i) {
        held_over.add(submit, dummy, after_last).add(turn);
    }
    add("held-ring-past-2-to-64", held_over);
    add("window-of-1", Builder(platform, window_of_1)
                           .add(begin_scope)
                           .add(submit, aic)
                           .add(end_scope)
                           .add(turn)
                           .round(3)
                           .again(11, 8));
    add("held-ring", Builder(platform, tiny).add(submit, dummy, after_last).add(turn).again(2, 8));
    Builder unread(platform, tiny);
    for (unsigned i = 0; i < 3; ++i) {
        unread.add(begin_scope);
        for (unsigned task = 0; task < 6; ++task) {
            unread.add(submit, aic);
        }
        unread.add(end_scope);
    }
    add("window-full", unread.round(1).round(1).add(submit, aic));
    Builder records(platform, few_records);
    for (unsigned i = 0; i < 5; ++i) {
        records.add(begin_scope).add(submit, aiv, 3).add(end_scope);
        if (i == 0) {
            records.round(1).round(1);
        }
    }
    add("few-records", records.round(1).round(1).add(submit, aic, 3).add(submit, aic, after_eight));
    add("some-deferred", Builder(platform, two_threads)
                             .add(submit, aiv + four_blocks, after_none, conditions_of_block_0)
                             .round(2)
                             .round(2)
                             .add(set_counter, 4, 0, 1)
                             .round(2));
    add("refusals", Builder(platform, two_threads)
                        .add(submit, no_block)
                        .add(submit, no_block + 1)
                        .add(submit, unknown_core)
                        .add(submit, too_many_subtasks, 0)
                        .add(submit, too_many_subtasks, 6)
                        .add(submit, aic, after_never)
                        .add(submit, aic)
                        .add(submit, aic, after_never)
                        .add(finish_submission, 0, 0, really)
                        .add(submit, aic));
    for (unsigned which = 0; which < 5; ++which) {
        add(("slab-fault-" + std::to_string(which)).c_str(),
            Builder(platform, two_threads)
                .add(submit, aiv + two_blocks, after_none, one_condition)
                .add(submit, aic + two_blocks, after_none, fault + 32 * which + 16 * (which % 2))
                .round(2)
                .add(submit, aic, after_last));
    }
    add("unknown-type", Builder(platform, two_threads).add(submit, aic, 0, unknown_type).round(2));
    add("null-address", Builder(platform, two_threads)
                            .add(submit, aic, 0, met_condition)
                            .add(submit, aic, 0, null_address)
                            .round(2));
    add("conditions-64-of-a-task", Builder(platform, wide)
                                       .add(submit, aiv + four_blocks, after_none, conditions_16)
                                       .round(2)
                                       .round(2));
    add("conditions-65-of-a-task", Builder(platform, wide)
                                       .add(submit, aiv + four_blocks, after_none, conditions_22)
                                       .add(submit, aiv, after_last)
                                       .round(2)
                                       .round(2));
    add("waiting-64", many_waiting(platform, 4).add(set_counter, 4, 0, 1).round(2));
    add("waiting-65", many_waiting(platform, 5));
    add("full-mailbox", full_mailbox(platform, conditions_64).round(3).round(3));
    add("registrations-without-room", Builder(platform, wide)
                                          .add(submit, aiv, after_none, conditions_22)
                                          .add(submit, aiv, after_none, conditions_22)
                                          .add(submit, aiv, after_none, conditions_64)
                                          .round(2)
                                          .round(2));
    add("full-mailbox-gap", full_mailbox(platform, conditions_64).add(leave_gap).add(turn, 0));
    add("full-mailbox-lock",
        full_mailbox(platform, conditions_64).add(hold_lock).add(turn, 0).add(release_lock));
    add("full-mailbox-error", full_mailbox(platform, waiting_conditions_64)
                                  .add(push_unknown, 0, 0, really)
                                  .add(turn, 0)
                                  .add(turn, 1));
    add("gap", Builder(platform, two_threads)
                   .add(submit, aiv + two_blocks, after_none, one_condition)
                   .add(turn)
                   .add(leave_gap)
                   .round(2)
                   .add(fill_gap)
                   .add(set_counter, 4, 0, 1)
                   .round(2));
    add("late-message", Builder(platform, two_threads)
                            .add(submit, aic)
                            .add(leave_gap)
                            .add(finish_submission, 0, 0, really));
    add("lock-held", Builder(platform, two_threads)
                         .add(submit, aic, after_none, met_condition)
                         .add(hold_lock)
                         .round(2)
                         .round(2)
                         .add(release_lock)
                         .round(2));
    add("watchdog", Builder(platform, two_threads, 0, watchdog_of_2)
                        .add(submit, aic)
                        .add(turn)
                        .add(wait)
                        .add(advance_clock, 0, 0, 1)
                        .add(wait)
                        .add(wait)
                        .add(wait));
    add("watchdog-nothing-due", Builder(platform, two_threads, 0, watchdog_of_2)
                                    .add(wait)
                                    .add(advance_clock, 0, 0, 7)
                                    .add(wait)
                                    .add(wait)
                                    .add(submit, aic)
                                    .round(2));
    // The cube core is busy: what needs it must not hide what needs two vector cores.
    add("mixed-behind-mixed", Builder(platform, tiny)
                                  .add(submit, aic)
                                  .add(turn)
                                  .add(submit, mixed)
                                  .add(submit, mixed_aic_aiv0)
                                  .add(submit, mixed_aiv)
                                  .add(turn)
                                  .round(1)
                                  .round(1));
    // Thread 0 has an open core, thread 1 an idle one.
    add("left-to-another-thread", Builder(platform, two_threads)
                                      .add(submit, aic)
                                      .add(turn, 0)
                                      .add(core_ack)
                                      .add(turn, 0)
                                      .add(submit, aic)
                                      .add(turn, 0)
                                      .add(turn, 1));
    // Each condition that comes true is progress.
    Builder slow(platform, two_threads, 0, watchdog_of_5);
    slow.add(submit, aic, after_none, three_conditions).add(turn).add(cores_go).add(turn);
    for (unsigned counter = 4; counter < 7; ++counter) {
        slow.add(wait, 0).add(advance_clock, 0, 0, 3).add(set_counter, counter, 0, 1).add(turn, 0);
    }
    add("slow-conditions", slow);
    add("cores-leave-late", Builder(platform, two_threads, 0, watchdog_of_5 + cores_leave_late)
                                .add(submit, mixed)
                                .round(2));
    add("core-does-not-leave",
        Builder(platform, two_threads, 0, watchdog_of_5 + core_0_stays).add(submit, aic).round(2));
    add("running-core-does-not-leave",
        Builder(platform, two_threads, 0, watchdog_of_5 + running_cores_stay)
            .add(submit, aic)
            .add(turn)
            .add(core_ack)
            .add(stop, 0, 0, 253));
    // The watchdog's error: its limit is over, so no core gets more time.
    add("silent-core-when-stopped", Builder(platform, two_threads)
                                        .add(submit, aic)
                                        .add(turn)
                                        .add(core_ack)
                                        .add(turn)
                                        .add(stop, 0, 0, watchdog_error));
    add("stopped", Builder(platform, two_threads)
                       .add(submit, aic, after_none, one_condition)
                       .add(submit, dummy, after_last)
                       .add(turn)
                       .add(stop, 0, 0, 253));
}

/// Blocks for every core of a large board, and ahead; nested scopes hold some of a full window.
/// `eights`: how many times eight tasks, twice.
Builder board(unsigned shape, unsigned threads, unsigned eights) {
    const unsigned round = 1 + 2 * threads;
    Builder board(a2a3, shape);
    board.add(begin_scope)
        .add(submit, mixed + four_blocks, after_none, one_condition)
        .add(submit, mixed + four_blocks)
        .again(1, 5)
        .add(submit, mixed_aiv + four_blocks)
        .again(8, eights - 1)
        .round(threads)
        .again(round, 1)
        .add(end_scope);
    board.add(submit, aic + four_blocks, after_last)
        .add(submit, aiv + four_blocks, after_last)
        .again(2, 3)
        .again(8, eights - 1);
    return board.add(set_counter, 4, 0, 1).round(threads).again(round, 2);
}

/// Two rings full at once: an outer scope's, which it holds, and the inner one's, which runs.
Builder two_full_rings(unsigned shape, unsigned threads) {
    Builder full(a5, shape);
    full.add(submit, aic, after_none).again(1, 32);
    for (unsigned scope = 0; scope < 2; ++scope) {
        full.add(begin_scope).add(submit, aiv, after_last).again(1, 16).add(end_scope);
    }
    full.round(threads).again(1 + 2 * threads, 1).add(begin_scope).add(submit, aiv, after_two);
    return full.round(threads).add(end_scope).add(submit, aic);
}

/// 330 dummies: more completions of one thread than its release buffer holds, in batches of
/// dummies.
Builder many_dummies(uint8_t platform) {
    Builder dummies(platform, wide);
    dummies.add(submit, dummy, after_none).add(submit, dummy, after_last).again(1, 8);
    return dummies.again(10, 32).add(turn, 0).again(1, 32);
}

/// Dummies that are ready at once, in chains, while a release buffer fills: the one that completes
/// first need not be the one that was submitted first.
Builder dummies_in_chains(uint8_t platform) {
    return Builder(platform, wide)
        .add(submit, dummy, after_last)
        .again(1, 8)
        .add(submit, mixed + two_blocks)
        .again(10, 32);
}

}  // namespace

std::vector<Seed> SchedulerStepSchedule::seeds() {
    std::vector<Seed> seeds;
    add_for_platform(seeds, a2a3, "-a2a3");
    add_for_platform(seeds, a5, "-a5");
    add_for_platform(seeds, a2a3_small, "-a2a3-small");
    add_for_platform(seeds, a5_small, "-a5-small");
    seeds.push_back({"many-dummies", many_dummies(a2a3).bytes()});
    seeds.push_back({"dummies-in-chains", dummies_in_chains(a2a3).bytes()});
    seeds.push_back({"board-24", board(board_24, 3, 3).bytes()});
    seeds.push_back({"board-36", board(board_36, 4, 4).bytes()});
    seeds.push_back({"board-64", board(board_64, 1, 6).bytes()});
    seeds.push_back({"two-full-rings-24", two_full_rings(board_24, 3).bytes()});
    seeds.push_back({"two-full-rings-36", two_full_rings(board_36, 4).bytes()});
    Random random(7);
    for (const size_t size : {32u, 64u, 256u, 1024u, 4096u}) {
        for (unsigned shape = 0; shape < shapes().size(); ++shape) {
            seeds.push_back({"random-" + std::to_string(size) + "-" + std::to_string(shape),
                             random_of(random, shape, shape, size)});
        }
    }
    return seeds;
}

// 128 inputs around 64 bytes, over both platforms, mailbox sizes and all shapes.
std::vector<Seed> SchedulerStepSchedule::benchmark_inputs() {
    const auto shape_count = static_cast<unsigned>(shapes().size());
    return random_benchmark_inputs(67, 128, [&](Random& random, unsigned i, size_t size) {
        return random_of(random, i % 8, i % shape_count, size);
    });
}

}  // namespace fuzz
