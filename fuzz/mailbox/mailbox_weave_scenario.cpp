// Decoding, describing, generating, recording and judging scenarios of the mailbox under weave; the
// byte layout is in the header. Not instrumented.
#include "fuzz/mailbox/mailbox_weave_scenario.h"

#include <algorithm>
#include <array>

#include "fuzz/kit/explored_calls.h"
#include "fuzz/kit/explored_inputs.h"
#include "fuzz/kit/moments.h"
#include "fuzz/kit/payload.h"
#include "fuzz/mailbox/mailbox_threads_oracle.h"
#include "fuzz/mailbox/mailbox_weave_oracle.h"

namespace fuzz {
namespace {

/// The bytes by which mailbox_threads chooses 1, 2, 4 and 8 slots.
constexpr std::array<uint8_t, 4> capacity_bytes = {3, 2, 0, 1};
constexpr uint32_t count_max = 8;
constexpr size_t events_max = 1024;

}  // namespace

std::vector<uint8_t> MailboxWeaveScenario::threads_input(Bytes input) {
    std::vector<uint8_t> bytes = {
        format_version, capacity_bytes[format.header_byte(input, 1) % capacity_bytes.size()],
        format.header_byte(input, 2), format.header_byte(input, 3), format.header_byte(input, 4)};
    append_operations(format, input, bytes);
    return bytes;
}

void MailboxWeaveScenario::decode(Bytes input) {
    schedule_.decode(threads_input(input));
    const uint8_t shape = format.header_byte(input, 5);
    is_sc_ = (shape & 1) != 0;
    again_ = static_cast<Again>((shape >> 1 & 3) % 3);
    dropped_ = std::min<uint32_t>(shape >> 3 & 7, schedule_.capacity);
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
    history_.popped.reserve(events_max);
    // The payloads are made by the first use.
    payload(0);
}

uint64_t MailboxWeaveScenario::steps_min() const {
    uint64_t steps = 0;
    for (const auto& list : schedule_.lists) {
        for (const Operation& operation : list) {
            if (operation.call == Call::push_condition_until_taken ||
                operation.call == Call::push_registration_until_taken) {
                steps += 2;
            } else if (operation.call == Call::push_conditions_until_taken) {
                steps += operation.count == 0 ? 0 : 1 + operation.count;
            }
        }
    }
    return again_ == Again::no ? steps : 2 * steps;
}

// Here, since the payloads are a static of a function, and each look at it would be a step.
const pto::DeferredCompletionEntry* MailboxWeaveScenario::payload(uint32_t number) noexcept {
    return payload_of(number);
}
uint64_t MailboxWeaveScenario::token(uint32_t number) noexcept { return token_of(number); }
uint64_t MailboxWeaveScenario::slot_state(uint32_t number) noexcept {
    return slot_state_of(number);
}

void MailboxWeaveScenario::begin_history() noexcept { history_.clear(); }

void MailboxWeaveScenario::begin(uint32_t thread) noexcept { begins_[thread] = draw_moment(); }

void MailboxWeaveScenario::note(uint32_t thread, uint32_t operation, Call call, uint32_t first,
                                uint32_t count, uint32_t result, uint32_t views) noexcept {
    std::vector<MailboxThreadsEvent>& events = history_.events[thread];
    check_room(events);
    events.push_back(
        {operation, call, first, count, result, 0, begins_[thread], draw_moment(), views});
    if (is_pop(events.back())) {
        events.back().popped_before = static_cast<uint32_t>(history_.popped.size());
    }
}

void MailboxWeaveScenario::note_popped(uint32_t thread,
                                       const pto::AICoreCompletionMsgView& view) noexcept {
    check_room(history_.popped);
    history_.popped.push_back(
        {view, thread, static_cast<uint32_t>(history_.events[thread].size() - 1)});
}

std::optional<Finding> MailboxWeaveScenario::judge() const {
    if (const std::optional<Finding> finding = fuzz::judge(schedule_, history_)) {
        return finding;
    }
    return judge_by_clocks(schedule_, history_);
}

std::string MailboxWeaveScenario::point_text(uint64_t point) const {
    return moment_text(schedule_, history_, point);
}

std::string MailboxWeaveScenario::describe(Bytes input) {
    constexpr std::array<const char*, 3> again = {"once", "again after a restart",
                                                  "again after a reset"};
    MailboxWeaveScenario scenario;
    scenario.decode(input);
    return describe_memory(scenario.is_sc()) + "all calls " +
           again[static_cast<size_t>(scenario.again_)] + ", " + std::to_string(scenario.dropped_) +
           " messages dropped before\n" + MailboxThreadsSchedule::describe(threads_input(input)) +
           describe_wishes(format, input) + describe_choices(scenario.choices());
}

namespace {

using Builder = ExploredBuilder<MailboxWeaveScenario>;

// Bits 3-5 of a record's first byte, for producers and consumers.
enum Selector : unsigned {
    single,
    bulk,
    single_until_taken,
    bulk_until_taken,
    normal_done,
    registration,
    registration_until_taken,
    has_pending = 7,
};
// The same bits of a consumer, with registrations.
constexpr Selector consume = bulk_until_taken;
constexpr unsigned with_registrations = 1u << 4;
constexpr unsigned slots_1 = 0;
constexpr unsigned slots_2 = 1;
constexpr unsigned slots_4 = 2;
constexpr unsigned tell = 2u << 6;
constexpr unsigned look = 3u << 6;
// Byte 5.
constexpr unsigned after_restart = 1u << 1;
constexpr unsigned after_reset = 2u << 1;
constexpr unsigned dropped(unsigned messages) { return messages << 3; }
// Byte 2: the start just below the wrap of 64 bits.
constexpr unsigned below_wrap = 1;

/// `producers` and `consumers` as byte 4 has them.
constexpr unsigned threads_of(unsigned producers, unsigned consumers) {
    return (producers - 1) | (consumers - 1) << 2;
}

constexpr unsigned call(unsigned thread, Selector selector) { return selector << 3 | thread; }

constexpr size_t seed_choices = 512;

}  // namespace

std::vector<Seed> MailboxWeaveScenario::seeds() {
    // Threads are numbered with the consumers first.
    return ExploredSeeds<MailboxWeaveScenario>(seed_choices)
        .filled_by([](unsigned is_sc, const auto& add) {
            add("one-producer", Builder({slots_2, 0, 0, threads_of(1, 1), is_sc})
                                    .add({call(1, single_until_taken)})
                                    .add({call(1, single_until_taken)})
                                    .add({call(1, normal_done)})
                                    .add({call(1, single_until_taken)})
                                    .add({call(1, bulk_until_taken), 4})
                                    .add({call(1, single_until_taken)})
                                    .add({call(0, has_pending)})
                                    .add({call(0, single)}));
            add("two-producers",
                Builder({slots_2, below_wrap, 2, threads_of(2, 1), is_sc | dropped(2)})
                    .add({call(1, single_until_taken)})
                    .add({call(2, single_until_taken)})
                    .add({call(1, bulk_until_taken), 3})
                    .add({call(2, bulk), 2})
                    .add({call(2, single_until_taken)})
                    .add({call(0, bulk), 2}));
            add("three-producers", Builder({slots_4, below_wrap, 3, threads_of(3, 1), is_sc})
                                       .add({call(1, single_until_taken)})
                                       .add({call(2, bulk_until_taken), 2})
                                       .add({call(3, single_until_taken)})
                                       .add({call(1, bulk_until_taken), 3})
                                       .add({call(3, normal_done)})
                                       .add({call(0, bulk), 4}));
            add("four-producers", Builder({slots_2, 0, 0, threads_of(4, 1), is_sc})
                                      .add({call(1, single_until_taken)})
                                      .add({call(2, single_until_taken)})
                                      .add({call(3, single)})
                                      .add({call(4, bulk_until_taken), 2})
                                      .add({call(1, bulk_until_taken), 2})
                                      .add({call(3, single_until_taken)}));
            add("hand-over", Builder({slots_2, 0, 0, threads_of(2, 2), is_sc})
                                 .add({call(2, single_until_taken)})
                                 .add({call(3, bulk_until_taken), 2})
                                 .add({call(2, single_until_taken)})
                                 .add({call(0, single)})
                                 .add({call(1, bulk), 2})
                                 .add({call(0, bulk), 2})
                                 .add({call(1, has_pending)}));
            add("restart", Builder({slots_1, below_wrap, 1, threads_of(2, 1),
                                    is_sc | after_restart | dropped(1)})
                               .add({call(1, single_until_taken)})
                               .add({call(2, single_until_taken)})
                               .add({call(1, single)}));
            add("reset",
                Builder({slots_4, 3, 2, threads_of(2, 1), is_sc | after_reset | dropped(4)})
                    .add({call(1, bulk_until_taken), 3})
                    .add({call(2, bulk_until_taken), 3})
                    .add({call(0, bulk), 2}));
            add("registrations",
                Builder({slots_4, below_wrap, 2, threads_of(2, 1) | with_registrations, is_sc})
                    .add({call(1, registration_until_taken), 1})
                    .add({call(2, registration_until_taken), 2})
                    .add({call(1, single_until_taken)})
                    .add({call(2, registration_until_taken), 4})
                    .add({call(1, registration), 0})
                    .add({call(0, consume), 2})
                    .add({call(0, single)})
                    .add({call(0, bulk), 3}));
            add("registrations-told",
                Builder({slots_2, 0, 0, threads_of(2, 2) | with_registrations, is_sc | dropped(2)})
                    .add({call(2, registration_until_taken), 2})
                    .add({call(2, single_until_taken) | tell})
                    .add({call(3, registration) | look, 1})
                    .add({call(3, registration_until_taken) | tell, 1})
                    .add({call(0, single) | look})
                    .add({call(1, consume) | look, 2}));
            add("told", Builder({slots_2, 0, 0, threads_of(2, 1), is_sc})
                            .add({call(1, single_until_taken)})
                            .add({call(1, single_until_taken) | tell})
                            .add({call(2, single_until_taken) | look})
                            .add({call(2, has_pending) | look})
                            .add({call(1, bulk_until_taken) | tell, 3})
                            .add({call(2, bulk_until_taken) | look, 3})
                            .add({call(0, single) | look})
                            .add({call(0, bulk) | look, 3}));
        });
}

std::vector<Seed> MailboxWeaveScenario::benchmark_inputs() { return seeds(); }

}  // namespace fuzz
