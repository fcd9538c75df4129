// The generator of mailbox_step's seed corpus and benchmark inputs.
#include "fuzz/kit/schedule_builder.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"

namespace fuzz {
namespace {

// Header bytes; see the table of capacities in mailbox_step_schedule.cpp.
constexpr uint8_t capacity_4 = 0;
constexpr uint8_t capacity_1 = 6;
constexpr uint8_t capacity_64 = 7;
constexpr uint8_t capacity_4096 = 31;
constexpr uint8_t from_zero = 0;
constexpr uint8_t below_wrap = 1;
constexpr uint8_t capacity_below_wrap = 2;

// Opcodes: the low nibble.
enum Opcode : uint8_t {
    push,
    pop,
    push_bulk,
    pop_batch,
    claim,
    publish,
    normal_done,
    has_pending,
    restart,
    reset,
    consume = 13,
    push_registration = 15,
};
constexpr uint8_t sixteen_times = 0xf0;
constexpr uint8_t count_capacity = 191;  ///< as an argument: as many as the ring has slots

using Builder = ScheduleBuilder<MailboxStepSchedule>;

}  // namespace

std::vector<Seed> MailboxStepSchedule::seeds() {
    std::vector<Seed> seeds;
    const auto add = [&](const std::string& name, const Builder& builder) {
        seeds.push_back({name, builder.bytes()});
    };
    for (const uint8_t capacity : {capacity_1, capacity_4, capacity_64}) {
        const std::string suffix = "-" + std::to_string(capacity == capacity_1   ? 1
                                                        : capacity == capacity_4 ? 4
                                                                                 : 64);
        add("fill-drain" + suffix, Builder({capacity, from_zero, 0})
                                       .add(push_bulk, count_capacity)
                                       .add(push)
                                       .add(normal_done)
                                       .add(has_pending)
                                       .add(pop_batch, 255)
                                       .add(pop)
                                       .add(has_pending));
        add("wrap" + suffix, Builder({capacity, below_wrap, 3})
                                 .add(push | sixteen_times)
                                 .add(pop | sixteen_times)
                                 .add(push_bulk, 255)
                                 .add(pop_batch, 2)
                                 .add(push_bulk, 1)
                                 .add(pop_batch, 127));
        add("gap" + suffix, Builder({capacity, capacity_below_wrap, 0})
                                .add(push)
                                .add(claim, 1)
                                .add(push_bulk, 127)
                                .add(pop_batch, 127)
                                .add(pop)
                                .add(has_pending)
                                .add(publish, 0)
                                .add(pop_batch, 127));
        // Sizes: 1, 2 and 3 conditions; on the small rings as many as fit, and one more.
        const unsigned fits = capacity == capacity_1 ? 0 : capacity == capacity_4 ? 6 : 63;
        add("registrations" + suffix, Builder({capacity, below_wrap, 3})
                                          .add(push_registration, 0)
                                          .add(has_pending)
                                          .add(pop)
                                          .add(push_registration, 1)
                                          .add(push_registration, 2)
                                          .add(pop_batch, 1)
                                          .add(push)
                                          .add(consume, 127)
                                          .add(push_registration, fits)
                                          .add(push)
                                          .add(consume, 1)
                                          .add(push_registration, fits + 1)
                                          .add(consume, 127)
                                          .add(claim, 1)
                                          .add(push_registration, 2)
                                          .add(push_registration, fits)
                                          .add(consume, 127)
                                          .add(publish, 0)
                                          .add(push_registration, 1)
                                          .add(pop_batch, 127)
                                          .add(push_registration, fits)
                                          .add(restart)
                                          .add(push_registration, 2));
    }
    add("full-size", Builder({capacity_4096, from_zero, 0})
                         .add(push_bulk, count_capacity)
                         .add(push)
                         .add(normal_done)
                         .add(pop_batch, 64)
                         .add(push_bulk, 65)
                         .add(pop_batch, 255));
    add("full-size-wrap", Builder({capacity_4096, below_wrap, 200})
                              .add(push_bulk, count_capacity - 1)
                              .add(claim, 1)
                              .add(push)
                              .add(pop_batch, 255)
                              .add(publish, 0)
                              .add(pop_batch, 255)
                              .add(push_bulk, 255)
                              .add(restart)
                              .add(push_bulk, 255));
    add("claims-out-of-order", Builder({capacity_4, from_zero, 0})
                                   .add(claim, 3)
                                   .add(publish, 2)
                                   .add(pop)
                                   .add(publish, 1)
                                   .add(push)
                                   .add(push)
                                   .add(publish, 0)
                                   .add(pop_batch, 3)
                                   .add(pop));
    add("restart-and-reset", Builder({capacity_4, below_wrap, 6})
                                 .add(push_bulk, 3)
                                 .add(restart)
                                 .add(push_bulk, 4)
                                 .add_times(2, pop)
                                 .add(reset | 0x10, 2)
                                 .add(push_bulk, 5)
                                 .add(pop_batch, 5)
                                 .add(restart)
                                 .add(push));
    add("registrations-full-size", Builder({capacity_4096, below_wrap, 30})
                                       .add_times(125, push_registration, 63)
                                       .add(consume, 3)
                                       .add(push_registration, 63)
                                       .add(consume, 255));
    // Nothing was pushed: not even the ticket 2^64 - 1, whose slot is published by 0, may come out.
    add("reset-below-the-wrap", Builder({capacity_4, from_zero, 0})
                                    .add(reset | 0x10, 1)
                                    .add(pop)
                                    .add(reset | 0x10, 2)
                                    .add(push)
                                    .add(pop_batch, 4));
    Builder laps({capacity_4, below_wrap, 255});
    laps.add(push | sixteen_times);
    for (unsigned lap = 0; lap < 200; ++lap) {
        laps.add(pop_batch, lap % 5).add(push_bulk, lap % 7).add(pop).add(normal_done);
    }
    add("many-laps", laps);
    Builder registration_laps({capacity_4, below_wrap, 255});
    for (unsigned lap = 0; lap < 200; ++lap) {
        registration_laps.add(push_registration, lap % 8).add(push).add(consume, lap % 4);
    }
    add("many-laps-of-registrations", registration_laps);
    Random random(1);
    for (const size_t size : {16u, 64u, 256u, 1024u, 4096u}) {
        for (const uint8_t capacity : {uint8_t{2}, uint8_t{5}, uint8_t{9}, uint8_t{11}}) {
            seeds.push_back({"random-" + std::to_string(size) + "-" + std::to_string(capacity),
                             random_schedule(random, size, {{1, capacity}})});
        }
    }
    return seeds;
}

// 128 inputs. Sizes are spread around 64 bytes; capacities are those of random bytes but for the
// full-size ring, which two of the inputs fill: 1.6 %.
std::vector<Seed> MailboxStepSchedule::benchmark_inputs() {
    std::vector<Seed> inputs =
        random_benchmark_inputs(64, 126, [](Random& random, unsigned i, size_t size) {
            return random_schedule(random, size, {{1, i % capacity_4096}});
        });
    inputs.push_back({"full-size-0", Builder({capacity_4096, from_zero, 0})
                                         .add(push_bulk, count_capacity)
                                         .add_times(8, push)
                                         .add(pop_batch, 255)
                                         .add_times(20, pop)
                                         .bytes()});
    inputs.push_back({"full-size-1", Builder({capacity_4096, capacity_below_wrap, 1})
                                         .add_times(16, push)
                                         .add(push_bulk, 255)
                                         .add(normal_done)
                                         .add_times(12, pop_batch, 64)
                                         .bytes()});
    return inputs;
}

}  // namespace fuzz
