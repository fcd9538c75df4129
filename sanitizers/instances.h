// The scheduler and the runs of graphs on both platforms: most programs of a build need the same
// functions, so one library has them. Part of the precompiled headers where nothing is optimised.
#pragma once

#include "sim/graph_run.h"
#include "src/a2a3/scheduler.h"
#include "src/a5/scheduler.h"

/// For each class template of a scheduler of that platform.
#define SUITE_SCHEDULER_INSTANCES(EXTERN, PLATFORM)           \
    EXTERN template class pto::TaskRing<PLATFORM>;            \
    EXTERN template class pto::ReadyQueues<PLATFORM>;         \
    EXTERN template class pto::AsyncWaitList<PLATFORM>;       \
    EXTERN template class pto::Diagnostician<PLATFORM>;       \
    EXTERN template class pto::SchedulerCompletion<PLATFORM>; \
    EXTERN template class pto::TaskSubmission<PLATFORM>;      \
    EXTERN template class pto::SchedulerDispatch<PLATFORM>;   \
    EXTERN template class pto::Scheduler<PLATFORM>;

/// `EXTERN` is `extern` to declare them, and empty to define them.
#define SUITE_INSTANCES(EXTERN)                                                 \
    SUITE_SCHEDULER_INSTANCES(EXTERN, pto::a5::Platform)                        \
    SUITE_SCHEDULER_INSTANCES(EXTERN, pto::a2a3::Platform)                      \
    SUITE_SCHEDULER_INSTANCES(EXTERN, pto::sim::Simulated<pto::a2a3::Platform>) \
    EXTERN template class pto::sim::GraphRun<pto::a5::Platform>;                \
    EXTERN template class pto::sim::GraphRun<pto::a2a3::Platform>;

SUITE_INSTANCES(extern)
