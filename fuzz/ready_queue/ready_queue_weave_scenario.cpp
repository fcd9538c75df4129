// Decoding, describing, generating, recording and judging scenarios of the ready queue under weave;
// the byte layout is in the header. Not instrumented.
#include "fuzz/ready_queue/ready_queue_weave_scenario.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "fuzz/kit/explored_calls.h"
#include "fuzz/kit/explored_inputs.h"
#include "fuzz/kit/moments.h"
#include "fuzz/ready_queue/ready_queue_threads_oracle.h"
#include "fuzz/ready_queue/ready_queue_weave_oracle.h"

namespace fuzz {
namespace {

/// The bytes by which ready_queue_threads chooses 1, 2, 4 and 8 slots.
constexpr std::array<uint8_t, 4> capacity_bytes = {3, 2, 0, 1};
constexpr uint32_t count_max = 8;
constexpr size_t events_max = 512;

}  // namespace

std::vector<uint8_t> ReadyQueueWeaveScenario::threads_input(Bytes input) {
    const uint8_t capacity = capacity_bytes[format.header_byte(input, 1) % capacity_bytes.size()];
    std::vector<uint8_t> bytes = {format_version, capacity, format.header_byte(input, 2)};
    append_operations(format, input, bytes);
    return bytes;
}

void ReadyQueueWeaveScenario::decode(Bytes input) {
    schedule_.decode(threads_input(input));
    is_sc_ = (format.header_byte(input, 3) & 1) != 0;
    // Only in an order that all threads agree on is there a time.
    schedule_.stamped = is_sc_;
    for (auto& list : schedule_.lists) {
        for (Operation& operation : list) {
            operation.count = std::min(operation.count, count_max);
        }
    }
    choices_ = format.records(input);
    for (auto& list : history_.events) {
        list.reserve(events_max);
    }
    for (auto& list : history_.popped) {
        list.reserve(events_max);
    }
    // The tasks are made by the first use, which must not be in an execution: the second one would
    // be another.
    task(0);
}

// Here, since the tasks are a static of a function, and each look at it would be a step.
ReadyTask* ReadyQueueWeaveScenario::task(uint32_t number) noexcept { return ready_task(number); }
ReadyTask* const* ReadyQueueWeaveScenario::tasks_from(uint32_t number) noexcept {
    return ready_tasks_from(number);
}
bool ReadyQueueWeaveScenario::is_task(const ReadyTask* task) noexcept {
    return number_of(task) != no_ready_task;
}

uint64_t ReadyQueueWeaveScenario::steps_min() const {
    uint64_t steps = 0;
    for (const auto& list : schedule_.lists) {
        for (const Operation& operation : list) {
            const bool is_taken = operation.call == Call::push_until_taken ||
                                  operation.call == Call::push_batch_until_taken;
            steps += is_taken && operation.count != 0 ? 1 + operation.count : 0;
        }
    }
    return steps;
}

void ReadyQueueWeaveScenario::begin_history() noexcept { history_.clear(); }

void ReadyQueueWeaveScenario::begin(uint32_t thread) noexcept { begins_[thread] = draw_moment(); }

void ReadyQueueWeaveScenario::note(uint32_t thread, uint32_t operation, Call call, uint32_t first,
                                   uint32_t count, uint32_t result) noexcept {
    std::vector<ReadyThreadsEvent>& events = history_.events[thread];
    const bool is_pop = thread < schedule_.poppers && call != Call::size;
    if (is_pop) {
        first = static_cast<uint32_t>(history_.popped[thread].size());
    }
    check_room(events);
    events.push_back({operation, call, first, count, result, begins_[thread], draw_moment()});
}

void ReadyQueueWeaveScenario::note_popped(uint32_t thread, const ReadyTask* task,
                                          uint32_t mark) noexcept {
    check_room(history_.popped[thread]);
    history_.popped[thread].push_back({task, mark});
}

std::optional<Finding> ReadyQueueWeaveScenario::judge() const {
    if (const std::optional<Finding> finding = fuzz::judge(schedule_, history_)) {
        return finding;
    }
    return judge_by_clocks(schedule_, history_);
}

std::string ReadyQueueWeaveScenario::point_text(uint64_t point) const {
    return moment_text(schedule_, history_, point);
}

std::string ReadyQueueWeaveScenario::describe(Bytes input) {
    ReadyQueueWeaveScenario scenario;
    scenario.decode(input);
    return describe_memory(scenario.is_sc()) +
           ReadyQueueThreadsSchedule::describe(threads_input(input)) +
           describe_wishes(format, input) + describe_choices(scenario.choices());
}

namespace {

using Builder = ExploredBuilder<ReadyQueueWeaveScenario>;

// Bits 3-5 of a record's first byte, for pushers and poppers.
enum Selector : unsigned {
    single,
    batch,
    single_until_taken,
    batch_until_taken,
    in_steps,
    size_of_both = 7,
};
constexpr unsigned slots_1 = 0;
constexpr unsigned slots_2 = 1;
constexpr unsigned slots_4 = 2;
constexpr unsigned tickets_wrap = 2u << 5;
constexpr unsigned sequences_wrap = 3u << 5;

/// `pushers` and `poppers` as byte 2 has them.
constexpr unsigned threads_of(unsigned pushers, unsigned poppers) {
    return (pushers - 1) | (poppers - 1) << 2;
}

constexpr unsigned call(unsigned thread, Selector selector) { return selector << 3 | thread; }

constexpr size_t seed_choices = 256;

}  // namespace

std::vector<Seed> ReadyQueueWeaveScenario::seeds() {
    // Threads are numbered with the poppers first.
    return ExploredSeeds<ReadyQueueWeaveScenario>(seed_choices)
        .filled_by([](unsigned is_sc, const auto& add) {
            add("one-each", Builder({slots_2, threads_of(1, 1), is_sc})
                                .add({call(1, single_until_taken)})
                                .add({call(1, single_until_taken)})
                                .add({call(1, single_until_taken)})
                                .add({call(0, single)})
                                .add({call(0, batch), 2}));
            add("two-each", Builder({slots_2, threads_of(2, 2) | tickets_wrap, is_sc})
                                .add({call(2, single_until_taken)})
                                .add({call(3, batch_until_taken), 3})
                                .add({call(2, single)})
                                .add({call(0, single)})
                                .add({call(1, batch), 2})
                                .add({call(1, size_of_both)}));
            add("one-slot", Builder({slots_1, threads_of(2, 1) | sequences_wrap, is_sc})
                                .add({call(1, single_until_taken)})
                                .add({call(2, batch_until_taken), 2})
                                .add({call(1, single)})
                                .add({call(0, single)})
                                .add({call(0, size_of_both)}));
            add("batches", Builder({slots_4, threads_of(2, 2), is_sc})
                               .add({call(2, batch), 3})
                               .add({call(3, batch), 3})
                               .add({call(2, batch_until_taken), 2})
                               .add({call(0, batch), 3})
                               .add({call(1, in_steps), 2})
                               .add({call(3, size_of_both)}));
            add("stopped", Builder({slots_2, threads_of(2, 2), is_sc})
                               .add({call(2, in_steps), 2})
                               .add({call(3, in_steps), 2})
                               .add({call(2, single_until_taken)})
                               .add({call(0, in_steps), 2})
                               .add({call(1, in_steps), 1})
                               .add({call(0, single)}));
            add("three-poppers", Builder({slots_4, threads_of(1, 3) | tickets_wrap, is_sc})
                                     .add({call(3, batch_until_taken), 7})
                                     .add({call(0, batch), 2})
                                     .add({call(1, single)})
                                     .add({call(2, batch), 4}));
        });
}

std::vector<Seed> ReadyQueueWeaveScenario::benchmark_inputs() { return seeds(); }

}  // namespace fuzz
