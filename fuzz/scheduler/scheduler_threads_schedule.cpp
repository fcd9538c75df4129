// Decoding, describing and generating graph schedules; the byte layout is in the header.
#include "fuzz/scheduler/scheduler_threads_schedule.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "fuzz/kit/schedule_builder.h"
#include "sim/graph_data.h"
#include "sim/graph_text.h"

namespace fuzz {
namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphKernel;
using pto::sim::GraphStep;
using pto::sim::GraphTask;

constexpr uint64_t watchdog_ns = 20'000'000'000;
constexpr uint32_t scope_depth_max = 3;
constexpr uint32_t conditions_overfull = 40;
/// Most inputs have no fault.
constexpr uint8_t first_faulty_byte = 192;
constexpr std::array<GraphFault, 6> faults = {
    GraphFault::SLAB_ERROR,     GraphFault::SLAB_OVERFULL,        GraphFault::SLAB_CORRUPT,
    GraphFault::NULL_CONDITION, GraphFault::MISALIGNED_CONDITION, GraphFault::UNKNOWN_CONDITION};

/// Puts scopes around tasks so that no ring is ever full of tasks that open scopes hold: all scopes
/// end before more tasks follow the first one than the window has slots.
class Scopes {
  public:
    explicit Scopes(Graph& graph) : graph_(graph) {}

    void before_task(unsigned choice) {
        if (tasks_ == graph_.window) {
            end_all();
        }
        if (depth_ == 0 || (choice == 1 && depth_ < scope_depth_max)) {
            ++depth_;
            graph_.steps.push_back(GraphStep::BEGIN_SCOPE);
        } else if (choice == 2 && depth_ > 1) {
            end();
        }
        ++tasks_;
        graph_.steps.push_back(GraphStep::TASK);
    }

    void end_all() {
        while (depth_ != 0) {
            end();
        }
        tasks_ = 0;
    }

  private:
    void end() {
        --depth_;
        graph_.steps.push_back(GraphStep::END_SCOPE);
    }

    Graph& graph_;
    uint32_t depth_ = 0;
    uint32_t tasks_ = 0;  ///< since the outermost scope began
};

GraphTask decode_task(const uint8_t* record, uint32_t number) {
    GraphTask task;
    task.cores = record[0] % 8;
    task.block_num = 1 + record[0] / 8 % 4;
    const uint32_t after = number == 0 ? 0 : record[1] % 4u;
    const uint32_t first = record[1] / 4u;
    const uint32_t stride = 1 + record[3] / 16u;
    for (uint32_t i = 0; i < after; ++i) {
        task.after.push_back(number - 1 - (first + i * stride) % number);
    }
    if (task.cores != 0) {
        const uint32_t conditions = record[2] % 8u;
        // Half of all tasks have none. A subtask may have more than a small mailbox holds, if it is
        // its task's only one: a task has no more than 64.
        task.conditions = conditions < 4 ? 0 : conditions - 3;
        if (conditions == 7 && pto::sim::subtask_count(task) == 1) {
            task.conditions = conditions_overfull;
        }
        task.has_records = (record[2] & 8) != 0;
        task.delay_ns = uint64_t{record[2] / 16u} * 1000;
        task.duration_ns = uint64_t{record[3] % 16u} * 500;
    }
    return task;
}

/// Makes one task fail: the one that the byte names or, if that has no cores, the next that has.
void plant_fault(Graph& graph, uint8_t byte) {
    for (uint32_t i = 0; i < graph.tasks.size(); ++i) {
        GraphTask& task = graph.tasks[(byte + i) % graph.tasks.size()];
        if (task.cores != 0) {
            task.fault = faults[byte % faults.size()];
            task.fault_code = task.fault == GraphFault::SLAB_ERROR ? 7 : 0;
            task.fault_subtask = static_cast<int32_t>(byte % pto::sim::subtask_count(task));
            return;
        }
    }
}

std::vector<uint8_t> random_of(Random& random, unsigned platform, unsigned shape, size_t size,
                               bool has_fault) {
    std::vector<uint8_t> bytes = random_schedule(random, size, {{1, platform}, {2, shape}});
    bytes[3] = static_cast<uint8_t>(has_fault ? bytes[3] | first_faulty_byte
                                              : bytes[3] % first_faulty_byte);
    return bytes;
}

}  // namespace

const std::vector<SchedulerThreadsSchedule::Shape>& SchedulerThreadsSchedule::shapes() {
    static const std::vector<Shape> all = {
        {2, 2, 2, 16}, {3, 3, 4, 16},  {1, 1, 1, 4},   {4, 4, 2, 32},  {2, 1, 1, 1},
        {3, 2, 3, 2},  {3, 24, 2, 32}, {4, 36, 2, 32}, {1, 64, 1, 64},
    };
    return all;
}

void SchedulerThreadsSchedule::decode(Bytes input) {
    platform = decode_platform(format.header_byte(input, 1));
    shape = format.header_byte(input, 2) % static_cast<uint32_t>(shapes().size());
    graph = {};
    graph.thread_count = shapes()[shape].threads;
    graph.cluster_count = shapes()[shape].clusters;
    graph.ring_count = shapes()[shape].rings;
    graph.window = shapes()[shape].window;
    graph.dependency_capacity = std::bit_ceil(graph.window * 4);
    graph.watchdog_limit_ns = watchdog_ns;
    Scopes scopes(graph);
    const size_t tasks = std::min<size_t>(format.record_count(input), tasks_max);
    for (uint32_t i = 0; i < tasks; ++i) {
        scopes.before_task(format.record(input, i)[0] / 32u);
        graph.tasks.push_back(decode_task(format.record(input, i), i));
    }
    scopes.end_all();
    if (format.header_byte(input, 3) >= first_faulty_byte) {
        plant_fault(graph, format.header_byte(input, 3));
    }
}

std::string SchedulerThreadsSchedule::describe(Bytes input) {
    SchedulerThreadsSchedule schedule;
    schedule.decode(input);
    return "# platform " + schedule.platform.name() + ", mailbox capacity " +
           std::to_string(schedule.platform.mailbox_capacity()) + "\n" +
           pto::sim::print_graph(schedule.graph);
}

std::vector<Seed> SchedulerThreadsSchedule::seeds() {
    std::vector<Seed> seeds;
    Random random(8);
    for (const size_t size : {32u, 128u, 512u}) {
        for (unsigned shape = 0; shape < shapes().size(); ++shape) {
            for (unsigned platform = 0; platform < 4; ++platform) {
                seeds.push_back({"random-" + std::to_string(size) + "-" + std::to_string(shape) +
                                     "-" + std::to_string(platform),
                                 random_of(random, platform, shape, size, false)});
            }
        }
    }
    for (unsigned i = 0; i < 12; ++i) {
        std::vector<uint8_t> bytes = random_of(random, i, i, 96, true);
        bytes[3] = static_cast<uint8_t>(first_faulty_byte + i);
        seeds.push_back({"fault-" + std::to_string(i), bytes});
    }
    // Blocks for every core of a board of real size.
    for (unsigned shape = 6; shape < shapes().size(); ++shape) {
        ScheduleBuilder<SchedulerThreadsSchedule> builder({0, shape});
        for (unsigned task = 0; task < 60; ++task) {
            builder.add(task % 4 == 3 ? 24 + 2 : 24 + 7, 0, task % 16 == 0 ? 4 : 0, 15);
        }
        seeds.push_back({"board-" + std::to_string(shape), builder.bytes()});
    }
    // Subtasks with more conditions than a small mailbox holds.
    for (unsigned shape = 0; shape < 2; ++shape) {
        ScheduleBuilder<SchedulerThreadsSchedule> builder({2, shape});
        for (unsigned task = 0; task < 24; ++task) {
            builder.add(1, 0, 7, 0);
        }
        seeds.push_back({"full-mailbox-" + std::to_string(shape), builder.bytes()});
    }
    return seeds;
}

// 128 graphs of 8 to 24 tasks, over both platforms, mailbox sizes and all shapes.
std::vector<Seed> SchedulerThreadsSchedule::benchmark_inputs() {
    std::vector<Seed> inputs;
    Random random(68);
    const auto shape_count = static_cast<unsigned>(shapes().size());
    for (unsigned i = 0; i < 128; ++i) {
        inputs.push_back({"random-" + std::to_string(i), random_of(random, i % 4, i % shape_count,
                                                                   36 + i % 10 * 6, i % 32 == 31)});
    }
    return inputs;
}

std::vector<uint64_t> expected_values(const Graph& graph) {
    std::vector<std::unique_ptr<GraphKernel>> kernels;
    std::vector<uint64_t> expected;
    for (uint32_t i = 0; i < graph.tasks.size(); ++i) {
        kernels.push_back(std::make_unique<GraphKernel>(graph, i, kernels));
        expected.push_back(kernels.back()->expected_value(expected));
    }
    return expected;
}

}  // namespace fuzz
