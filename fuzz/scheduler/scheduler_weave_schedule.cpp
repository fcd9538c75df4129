// Decoding, describing and generating scenarios of the scheduler under weave; the byte layout is in
// the header.
#include "fuzz/scheduler/scheduler_weave_schedule.h"

#include <algorithm>
#include <array>

#include "fuzz/kit/explored_inputs.h"
#include "sim/graph_text.h"

namespace fuzz {
namespace {

using Schedule = SchedulerWeaveSchedule;

constexpr std::array<uint32_t, 4> mailbox_choices = {1, 2, 4, 32};
/// Shapes of scheduler_threads: one thread; two, and a window of one slot; two with two clusters;
/// three, and a window of two.
constexpr std::array<uint8_t, 4> shapes = {2, 4, 0, 5};
constexpr uint8_t a5_with_small_mailbox = 3;
constexpr int32_t blocks_max = 2;
constexpr uint32_t conditions_max = 3;

}  // namespace

std::vector<uint8_t> SchedulerWeaveSchedule::threads_input(Bytes input) {
    std::vector<uint8_t> bytes = {format_version, a5_with_small_mailbox,
                                  shapes[format.header_byte(input, 2) % shapes.size()],
                                  format.header_byte(input, 3)};
    append_operations(format, input, bytes);
    return bytes;
}

void SchedulerWeaveSchedule::decode(Bytes input) {
    threads.decode(threads_input(input));
    for (pto::sim::GraphTask& task : threads.graph.tasks) {
        task.duration_ns = 0;
        task.delay_ns = 0;
        task.block_num = std::min(task.block_num, blocks_max);
        task.conditions = std::min(task.conditions, conditions_max);
        if (task.fault_subtask >= 0 && task.cores != 0) {
            task.fault_subtask %= static_cast<int32_t>(pto::sim::subtask_count(task));
        }
    }
    mailbox_slots = mailbox_choices[format.header_byte(input, 1) % mailbox_choices.size()];
    const uint8_t shape = format.header_byte(input, 4);
    is_sc = (shape & 1) != 0;
    run_count = 1 + (shape >> 1 & 1u);
    is_ended = (shape & 0xc) == 0xc;
    ended_after = shape >> 4;
    choices = format.records(input);
}

std::string SchedulerWeaveSchedule::describe(Bytes input) {
    SchedulerWeaveSchedule schedule{};
    schedule.decode(input);
    return describe_memory(schedule.is_sc) + "# mailbox capacity " +
           std::to_string(schedule.mailbox_slots) + ", " + std::to_string(schedule.run_count) +
           " runs" +
           (schedule.is_ended ? ", another thread ends the first after " +
                                    std::to_string(schedule.ended_after) + " turns"
                              : "") +
           "\n" + pto::sim::print_graph(schedule.threads.graph) + describe_wishes(format, input) +
           describe_choices(schedule.choices);
}

namespace {

using Builder = ExploredBuilder<SchedulerWeaveSchedule>;

// Byte 2.
constexpr unsigned one_thread = 0;
constexpr unsigned two_threads_one_slot = 1;
constexpr unsigned two_threads = 2;
constexpr unsigned three_threads = 3;
// Byte 4.
constexpr unsigned twice = 2;
constexpr unsigned ended = 0xc;
constexpr unsigned late = 0xf0;
// Bytes of a task: cores, what it comes after, conditions.
constexpr unsigned dummy = 0;
constexpr unsigned aic = 1;
constexpr unsigned aiv = 2;
constexpr unsigned mixed = 3;
constexpr unsigned two_blocks = 1u << 3;
constexpr unsigned after(unsigned count, unsigned back) { return back << 2 | count; }
constexpr unsigned conditions(unsigned count) { return 3 + count; }
constexpr unsigned records = 8;

constexpr size_t seed_choices = 900;
constexpr unsigned first_fault = 192;
constexpr unsigned fault_count = 6;

}  // namespace

std::vector<Seed> SchedulerWeaveSchedule::seeds() {
    return ExploredSeeds<SchedulerWeaveSchedule>(seed_choices)
        .filled_by([](unsigned is_sc, const auto& add) {
            add("chain", Builder({2, two_threads, 0, is_sc})
                             .add({aiv, 0, 0, 0})
                             .add({aiv, after(1, 0), 0, 0}));
            add("deferred", Builder({2, two_threads, 0, is_sc})
                                .add({mixed, 0, conditions(1), 0})
                                .add({aiv, after(1, 0), 0, 0}));
            add("fan-in", Builder({1, two_threads, 0, is_sc})
                              .add({aiv, 0, conditions(2), 0})
                              .add({aic, 0, 0, 0})
                              .add({dummy, after(2, 0), 0, 0})
                              .add({aiv, after(1, 0), conditions(1) | records, 0}));
            add("fan-out", Builder({1, three_threads, 0, is_sc})
                               .add({aiv, 0, 0, 0})
                               .add({aiv, after(1, 0), 0, 0})
                               .add({aic, after(1, 1), 0, 0})
                               .add({dummy, after(1, 2), 0, 0}));
            add("slot-reuse", Builder({1, two_threads_one_slot, 0, is_sc})
                                  .add({aiv, 0, conditions(1), 0})
                                  .add({aiv, after(1, 0), 0, 0})
                                  .add({dummy, 0, 0, 0})
                                  .add({aic, after(1, 1), 0, 0}));
            add("full-mailbox", Builder({0, two_threads, 0, is_sc})
                                    .add({aiv, 0, conditions(3), 0})
                                    .add({aiv | two_blocks, 0, conditions(2), 0}));
            add("full-mailbox-alone",
                Builder({0, one_thread, 0, is_sc}).add({mixed, 0, conditions(3), 0}));
            add("twice", Builder({1, two_threads, 0, is_sc | twice})
                             .add({aiv, 0, conditions(1), 0})
                             .add({aic, after(1, 0), 0, 0}));
            add("ended", Builder({1, two_threads, 0, is_sc | twice | ended})
                             .add({aiv, 0, conditions(2), 0})
                             .add({aiv, after(1, 0), 0, 0}));
            add("ended-late", Builder({1, two_threads, first_fault, is_sc | ended | late})
                                  .add({aiv, 0, 0, 0})
                                  .add({aiv, 0, 0, 0}));
            for (unsigned fault = 0; fault < fault_count; ++fault) {
                add("fault-" + std::to_string(fault),
                    Builder({1, two_threads, first_fault + fault, is_sc | twice})
                        .add({aiv, 0, conditions(1), 0})
                        .add({aiv, after(1, 0), 0, 0}));
            }
        });
}

}  // namespace fuzz
