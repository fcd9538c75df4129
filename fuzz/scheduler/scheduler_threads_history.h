// The result of a graph that ran on real threads.
#pragma once

#include "sim/graph_run.h"

namespace fuzz {

struct SchedulerThreadsHistory {
    pto::sim::GraphResult result;
};

}  // namespace fuzz
