// The generator of ready_queue_step's seed corpus and benchmark inputs.
#include "fuzz/kit/schedule_builder.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"

namespace fuzz {
namespace {

// Header bytes; see the table of capacities in ready_queue_step_schedule.cpp.
struct Capacity {
    uint8_t byte;
    const char* name;
};
constexpr Capacity capacity_4 = {0, "4"};
constexpr Capacity capacity_8 = {1, "8"};
constexpr Capacity capacity_2 = {2, "2"};
constexpr Capacity capacity_1 = {4, "1"};
constexpr Capacity capacity_64 = {7, "64"};
constexpr Capacity capacity_1024 = {31, "1024"};

// Opcodes: the low nibble.
enum Opcode : uint8_t {
    push,
    pop,
    push_batch,
    pop_batch,
    put,
    take,
    claim_push,
    size,
    claim_pop,
};
constexpr uint8_t twice = 0xc0;
constexpr uint8_t sixteen_times = 0xf0;
constexpr uint8_t count_capacity = 191;  ///< as an argument: as many as the queue has slots

using Builder = ScheduleBuilder<ReadyQueueStepSchedule>;

/// Every call, with the queue empty, full and in between.
Builder fill_and_drain(Capacity capacity) {
    return Builder({capacity.byte})
        .add(size)
        .add(pop)
        .add(push_batch, 255)
        .add(push)
        .add(size)
        .add(pop_batch, 2)
        .add(push | sixteen_times)
        .add(pop_batch, 255)
        .add(pop | twice);
}

/// Pops stop at a push that is not finished; pushes use later tickets.
Builder unfinished_push(Capacity capacity) {
    return Builder({capacity.byte})
        .add(push)
        .add(claim_push, 1)
        .add(push_batch, 127)
        .add(pop_batch, 127)
        .add(pop)
        .add(size)
        .add(put)
        .add(pop_batch, 127);
}

/// A push into the slot of a pop that is not finished waits, pushes and pops of others do not.
Builder unfinished_pop(Capacity capacity) {
    return Builder({capacity.byte})
        .add(push_batch, count_capacity)
        .add(claim_pop, 1)
        .add(pop)
        .add(push)
        .add(size)
        .add(claim_push, 1)
        .add(put)
        .add(pop)
        .add(take)
        .add(put)
        .add(pop_batch, 127);
}

/// Both ends of the queue with all of its tickets unfinished, finished in other orders.
Builder all_unfinished(Capacity capacity) {
    return Builder({capacity.byte})
        .add(claim_push, count_capacity)
        .add(push)
        .add(put, 1)
        .add(pop)
        .add(put | sixteen_times, 1)
        .add(claim_pop, 255)
        .add(claim_push, 255)
        .add(put)
        .add(size)
        .add(take, 1)
        .add(take | sixteen_times)
        .add(put | sixteen_times);
}

Builder many_laps(Capacity capacity) {
    Builder laps({capacity.byte});
    for (unsigned lap = 0; lap < 200; ++lap) {
        laps.add(pop_batch, lap % 5).add(push_batch, lap % 7).add(pop).add(push);
    }
    return laps;
}

/// A stopped push and a stopped pop on every lap.
Builder laps_with_stops(Capacity capacity) {
    Builder laps({capacity.byte});
    for (unsigned lap = 0; lap < 60; ++lap) {
        laps.add(claim_push, 1 + lap % 3)
            .add(push)
            .add(put | twice, lap)
            .add(claim_pop, 1 + lap % 2)
            .add(put | twice)
            .add(pop)
            .add(take | twice, lap);
    }
    return laps;
}

Builder largest() {
    return Builder({capacity_1024.byte})
        .add(push_batch, count_capacity)
        .add(push)
        .add(claim_pop, 100)
        .add(pop_batch, 64)
        .add(push_batch, 65)
        .add(take | sixteen_times, 3)
        .add(claim_push, 127)
        .add(put | sixteen_times, 5)
        .add(pop_batch, 255);
}

}  // namespace

std::vector<Seed> ReadyQueueStepSchedule::seeds() {
    std::vector<Seed> seeds;
    for (const Capacity capacity :
         {capacity_1, capacity_2, capacity_4, capacity_8, capacity_64, capacity_1024}) {
        const std::string suffix = std::string("-") + capacity.name;
        seeds.push_back({"fill-drain" + suffix, fill_and_drain(capacity).bytes()});
        seeds.push_back({"unfinished-push" + suffix, unfinished_push(capacity).bytes()});
        seeds.push_back({"unfinished-pop" + suffix, unfinished_pop(capacity).bytes()});
        seeds.push_back({"all-unfinished" + suffix, all_unfinished(capacity).bytes()});
    }
    for (const Capacity capacity : {capacity_1, capacity_4}) {
        const std::string suffix = std::string("-") + capacity.name;
        seeds.push_back({"many-laps" + suffix, many_laps(capacity).bytes()});
        seeds.push_back({"laps-with-stops" + suffix, laps_with_stops(capacity).bytes()});
    }
    // First tickets: bits 5 to 7 of the byte; see ready_queue_step_schedule.cpp.
    for (const unsigned first_ticket : {4u, 5u, 6u, 7u}) {
        for (const Capacity plain : {capacity_1, capacity_4, capacity_8}) {
            const Capacity capacity = {static_cast<uint8_t>(plain.byte + 32 * first_ticket),
                                       plain.name};
            const std::string suffix = "-" + std::to_string(first_ticket) + "-" + plain.name;
            seeds.push_back({"wrap-fill-drain" + suffix, fill_and_drain(capacity).bytes()});
            seeds.push_back({"wrap-laps-with-stops" + suffix, laps_with_stops(capacity).bytes()});
            seeds.push_back({"wrap-all-unfinished" + suffix, all_unfinished(capacity).bytes()});
        }
    }
    seeds.push_back({"largest", largest().bytes()});
    Random random(3);
    for (const size_t length : {16u, 64u, 256u, 1024u, 4096u}) {
        for (const Capacity capacity : {capacity_1, capacity_2, capacity_4, capacity_64}) {
            seeds.push_back({"random-" + std::to_string(length) + "-" + capacity.name,
                             random_schedule(random, length, {{1, capacity.byte}})});
        }
    }
    return seeds;
}

// 128 inputs around 64 bytes; one in 64 fills the largest queue.
std::vector<Seed> ReadyQueueStepSchedule::benchmark_inputs() {
    std::vector<Seed> inputs =
        random_benchmark_inputs(66, 126, [](Random& random, unsigned i, size_t size) {
            return random_schedule(random, size, {{1, i % capacity_1024.byte}});
        });
    inputs.push_back({"largest-0", Builder({capacity_1024.byte})
                                       .add(push_batch, count_capacity)
                                       .add_times(8, push)
                                       .add(pop_batch, 255)
                                       .add_times(20, pop)
                                       .bytes()});
    inputs.push_back({"largest-1", Builder({capacity_1024.byte})
                                       .add_times(16, push)
                                       .add(push_batch, 255)
                                       .add(claim_pop, 100)
                                       .add_times(10, pop_batch, 64)
                                       .add(push)
                                       .bytes()});
    return inputs;
}

}  // namespace fuzz
