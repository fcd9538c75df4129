// Small task graphs that run on real threads: what the bytes fix is the graph, the times that its
// kernels and engines take, and the sizes of the scheduler.
//
// Bytes: 0 version | 1 platform and mailbox size | 2 shape of the scheduler | 3 the task that goes
// wrong, and how; then records of four bytes, a task each:
//   0  bits 0-2: cores; bits 3-4: blocks, less one; bits 5-7: where scopes begin and end
//   1  bits 0-1: how many tasks it comes after; bits 2-7: how far back the first of them is
//   2  bits 0-2: conditions, few or many; bit 3: records; bits 4-7: time until they hold
//   3  bits 0-3: time of its kernels; bits 4-7: distance between those it comes after
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/platform_choice.h"
#include "sim/graph.h"

namespace fuzz {

struct SchedulerThreadsSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 4, .record_bytes = 4};
    static constexpr uint32_t tasks_max = 256;

    /// Sizes of the scheduler; there are few, so that objects can be kept. No more than 64 tasks
    /// are under way at once, so that the wait list never overflows.
    struct Shape {
        uint32_t threads;
        uint32_t clusters;
        uint32_t rings;
        uint32_t window;
    };
    static const std::vector<Shape>& shapes();

    PlatformChoice platform;
    uint32_t shape;
    pto::sim::Graph graph;

    /// Replaces `*this` by what the bytes say; every byte string is a schedule.
    void decode(Bytes input);

    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// What each task of a graph has to compute.
std::vector<uint64_t> expected_values(const pto::sim::Graph& graph);

}  // namespace fuzz
