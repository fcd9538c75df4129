// Every header of the product, every template of it instantiated: what clang-tidy analyses src/
// through, and a proof that all members compile, also those that nothing calls.
#include "sim/deferred_notify.h"
#include "sim/graph_explain.h"
#include "sim/graph_run.h"
#include "sim/graph_text.h"
#include "sim/random_graph.h"
#include "sim/trace.h"
#include "src/a2a3/scheduler.h"
#include "src/a5/scheduler.h"
#include "src/platforms.h"

template struct pto::AICoreCompletionMailbox<1>;
template struct pto::AICoreCompletionMailbox<pto::AICORE_COMPLETION_MAILBOX_CAPACITY>;

template struct pto::PTO2TaskSlotState<pto::a2a3::Platform>;
template struct pto::CompletionCondition<pto::a2a3::Platform>;
template struct pto::SinkWithLocalBuffers<pto::a2a3::Platform>;
template struct pto::SinkWithoutLocalBuffers<pto::a2a3::Platform>;
template struct pto::AsyncWaitList<pto::a2a3::Platform>;
template struct pto::AsyncWaitList<pto::a2a3::Platform,
                                   pto::SinkWithoutLocalBuffers<pto::a2a3::Platform>>;

template struct pto::PTO2TaskSlotState<pto::a5::Platform>;
template struct pto::CompletionCondition<pto::a5::Platform>;
template struct pto::SinkWithLocalBuffers<pto::a5::Platform>;
template struct pto::SinkWithoutLocalBuffers<pto::a5::Platform>;
template struct pto::AsyncWaitList<pto::a5::Platform>;
template struct pto::AsyncWaitList<pto::a5::Platform,
                                   pto::SinkWithoutLocalBuffers<pto::a5::Platform>>;

template class pto::Scheduler<pto::a2a3::Platform>;
template class pto::SchedulerCompletion<pto::a2a3::Platform>;
template class pto::TaskSubmission<pto::a2a3::Platform>;
template class pto::SchedulerDispatch<pto::a2a3::Platform>;
template class pto::sim::GraphRun<pto::a2a3::Platform>;

template class pto::Scheduler<pto::a5::Platform>;
template class pto::SchedulerCompletion<pto::a5::Platform>;
template class pto::TaskSubmission<pto::a5::Platform>;
template class pto::SchedulerDispatch<pto::a5::Platform>;
template class pto::sim::GraphRun<pto::a5::Platform>;

// The member templates are not instantiated by their class.
template pto::a2a3::AsyncPollResult pto::a2a3::AsyncWaitList::poll_and_complete<true>(
    Mailbox*, CompletionScheduler<a2a3::Platform>*, PTO2LocalReadyBuffer<a2a3::Platform>*, Slot**,
    int32_t&, int32_t, int32_t) noexcept;
template pto::a5::AsyncPollResult pto::a5::AsyncWaitList::poll_and_complete<false>(
    Mailbox*, CompletionScheduler<a5::Platform>*, PTO2LocalReadyBuffer<a5::Platform>*, Slot**,
    int32_t&, int32_t, int32_t) noexcept;
