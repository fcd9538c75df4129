// The parts of the scheduler around a task's end: dependencies, holds, slots used again, the
// watermark, a full mailbox, the error that ends a run.
#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <core_register.h>
#include <fanout.h>
#include <run_state.h>
#include <scheduler_completion.h>
#include <scheduler_dispatch.h>
#include <task_ring.h>
#include <task_submission.h>
#include <watermark.h>

#include "scenario.h"
#include "small_platform.h"

namespace {

using Platform = verify::SmallPlatform<2>;
using Slot = pto::PTO2TaskSlotState<Platform>;
using Node = pto::FanoutNode<Platform>;
using Ring = pto::TaskRing<Platform>;

/// A producer and its consumer, which is submitted while the producer completes.
void attach_against_completion() {
    struct Pair {
        Slot producer{};
        Slot consumer{};
        pto::TaskDescriptor task{pto::PTO2TaskId{1}};
        Node node{};
        int output = 0;    ///< plain: what the producer wrote
        int enqueued = 0;  ///< plain: one thread enqueues, and main looks at the end

        void enqueue() {
            assert(output == 42);
            ++enqueued;
        }
    };
    const auto pair = std::make_unique<Pair>();
    pair->producer.reset_for_reuse();
    pair->producer.task = &pair->task;
    pair->consumer.reset_for_reuse();
    pair->consumer.fanin_count = 1;
    pair->node.consumer = &pair->consumer;
    std::thread completer([&] {
        pair->output = 42;
        pto::release_consumers(pto::complete_and_take_consumers(pair->producer),
                               [&](Slot&) { pair->enqueue(); });
    });
    std::thread submitter([&] {
        bool is_ready = false;
        if (!pto::attach_consumer(pair->producer, pair->task.task_id, pair->node)) {
            is_ready = pto::meet_dependency(pair->consumer);
        }
        // The wiring.
        is_ready = pto::meet_dependency(pair->consumer) || is_ready;
        if (is_ready) {
            pair->enqueue();
        }
    });
    completer.join();
    submitter.join();
    assert(pair->enqueued == 1);
}

/// A consumer with two producers that complete on two threads.
void fan_in() {
    struct Tasks {
        Slot producers[2]{};
        Slot consumer{};
        pto::TaskDescriptor tasks[2]{{pto::PTO2TaskId{1}}, {pto::PTO2TaskId{2}}};
        Node nodes[2]{};
        int outputs[2] = {};
        int enqueued = 0;
    };
    const auto all = std::make_unique<Tasks>();
    all->consumer.reset_for_reuse();
    all->consumer.fanin_count = 2;
    for (int i = 0; i < 2; ++i) {
        all->producers[i].reset_for_reuse();
        all->producers[i].task = &all->tasks[i];
        all->nodes[i].consumer = &all->consumer;
        assert(pto::attach_consumer(all->producers[i], all->tasks[i].task_id, all->nodes[i]));
    }
    const auto complete = [&](int i) {
        all->outputs[i] = i + 1;
        pto::release_consumers(pto::complete_and_take_consumers(all->producers[i]), [&](Slot&) {
            assert(all->outputs[0] == 1 && all->outputs[1] == 2);
            ++all->enqueued;
        });
    };
    std::thread first([&] { complete(0); });
    std::thread second([&] { complete(1); });
    assert(!pto::meet_dependency(all->consumer) || all->outputs[0] + all->outputs[1] == 3);
    first.join();
    second.join();
    // The wiring may have been the last.
    assert(all->enqueued <= 1);
}

/// Two threads claim the blocks of a task.
void claim_blocks() {
    constexpr int16_t blocks = 3;
    const auto slot = std::make_unique<Slot>();
    slot->reset_for_reuse();
    slot->logical_block_num = blocks;
    const auto runs = std::make_unique<int[]>(blocks);  // plain: a block belongs to one thread
    const auto claim = [&] {
        int16_t first = 0;
        const int16_t claimed = slot->claim_blocks(2, first);
        for (int16_t i = 0; i < claimed; ++i) {
            ++runs[static_cast<size_t>(first + i)];
        }
    };
    std::thread other(claim);
    claim();
    other.join();
    for (size_t i = 0; i < blocks; ++i) {
        assert(runs[i] == 1);
    }
}

/// Two threads give back the holds of a task while the submitting thread waits for its slot.
void slot_reuse() {
    Ring ring(0, 1, 1);
    ring.reset();
    Slot& slot = ring.open_task(0);
    slot.fanout_refcount.store(0, std::memory_order_relaxed);
    slot.task_state.store(pto::PTO2_TASK_COMPLETED, std::memory_order_relaxed);
    // Plain: belongs to the task until its slot is used again.
    const auto output = std::make_unique<int>(1);
    const auto give_back = [&] {
        assert(*output == 1);
        if (pto::give_back_hold(slot)) {
            ring.task_consumed();
        }
    };
    std::thread scope(give_back);
    std::thread own(give_back);
    bool is_reused = false;
    if (ring.room_for(0, std::nullopt) == pto::RingRoom::AVAILABLE) {
        *output = 2;
        ring.open_task(0);
        is_reused = true;
    }
    scope.join();
    own.join();
    assert(ring.consumed() == 1);
    assert(slot.task_state.load() ==
           (is_reused ? pto::PTO2_TASK_PENDING : pto::PTO2_TASK_CONSUMED));
}

/// Two tasks are consumed on two threads while the submitting thread puts a third one into the slot
/// of the first.
void slot_reuse_behind() {
    constexpr uint32_t window = 2;
    Ring ring(0, window, 1);
    ring.reset();
    // Plain: a task's own until its slot is used again. On the heap, as the compiler does not
    // instrument every access to a local object.
    const auto outputs = std::make_unique<int[]>(window);
    for (uint32_t i = 0; i < window; ++i) {
        Slot& slot = ring.open_task(0);
        slot.fanout_refcount.store(1, std::memory_order_relaxed);
        slot.task_state.store(pto::PTO2_TASK_COMPLETED, std::memory_order_relaxed);
    }
    const auto consume = [&](uint32_t number) {
        outputs[number] = 1;
        if (pto::give_back_hold(ring.slot(number))) {
            ring.task_consumed();
        }
    };
    std::thread first([&] { consume(0); });
    std::thread second([&] { consume(1); });
    bool is_reused = false;
    if (ring.room_for(0, std::nullopt) == pto::RingRoom::AVAILABLE) {
        outputs[0] = 2;
        ring.open_task(0);
        is_reused = true;
    }
    first.join();
    second.join();
    assert(ring.consumed() == 2);
    assert(ring.slot(0).task_state.load() ==
           (is_reused ? pto::PTO2_TASK_PENDING : pto::PTO2_TASK_CONSUMED));
}

/// A task is completed, and a thread that has not had its lock sees it.
void completed_seen() {
    const auto slot = std::make_unique<Slot>();
    slot->reset_for_reuse();
    const auto output = std::make_unique<int>(0);  // plain: what the task wrote
    std::thread completer([&] {
        *output = 42;
        pto::complete_and_take_consumers(*slot);
    });
    // Acquire: pairs with the release store that completes the task.
    if (slot->task_state.load(std::memory_order_acquire) == pto::PTO2_TASK_COMPLETED) {
        assert(*output == 42);
    }
    completer.join();
}

/// Three tasks are consumed on three threads, while the submitting thread looks at the watermark.
void watermark() {
    struct Tasks {
        pto::RingWatermark mark;
        std::atomic<bool> is_consumed[3]{};
        int outputs[3] = {};
    };
    const auto tasks = std::make_unique<Tasks>();
    const auto consume = [&](uint64_t number) {
        tasks->outputs[number] = 1;
        // Release: pairs with the acquire load of the scan below.
        tasks->is_consumed[number].store(true, std::memory_order_release);
        tasks->mark.task_consumed([&](uint64_t task) {
            return task < 3 && tasks->is_consumed[task].load(std::memory_order_acquire);
        });
    };
    std::thread first([&] { consume(0); });
    std::thread second([&] { consume(1); });
    std::thread third([&] { consume(2); });
    const uint64_t seen = tasks->mark.value();
    for (uint64_t i = 0; i < seen; ++i) {
        tasks->outputs[i] = 2;
    }
    first.join();
    second.join();
    third.join();
    assert(tasks->mark.value() == 3);
}

/// Cores that no task of these scenarios runs on.
class NoCores final : public pto::CoreInterface {
  public:
    static constexpr uint32_t clusters = 1;

    uint32_t cluster_count() const noexcept override { return clusters; }
    uint32_t read_status(uint32_t core) noexcept override { return statuses_[core]; }
    void ring_doorbell(uint32_t core, uint32_t id) noexcept override {
        last_ids_[core] = id;
        if (id == pto::AICORE_DOORBELL_EXIT) {
            statuses_[core] = pto::AICORE_STATUS_EXITED;
        }
    }
    /// The core takes what it was given last.
    void acknowledge(uint32_t core) { statuses_[core] = last_ids_[core]; }
    pto::DeferredCompletionSlab& slab(uint32_t, uint32_t) noexcept override { return slab_; }
    pto::DispatchPayload& payload(uint32_t, uint32_t) noexcept override { return payload_; }
    uint64_t now_ns() noexcept override { return 0; }
    void idle(uint32_t) noexcept override { std::this_thread::yield(); }

  private:
    pto::DeferredCompletionSlab slab_{};
    pto::DispatchPayload payload_{};
    // Plain, both: one thread at a time uses a core.
    uint32_t last_ids_[clusters * pto::CORES_PER_CLUSTER] = {};
    uint32_t statuses_[clusters * pto::CORES_PER_CLUSTER] = {
        pto::AICORE_STATUS_IDLE, pto::AICORE_STATUS_IDLE, pto::AICORE_STATUS_IDLE};
};

// Too large to construct in every execution: Run makes it empty.
constinit pto::AsyncWaitList<Platform> list{};

/// A scheduler with one small ring, put together from its parts around that list.
class Run {
  public:
    explicit Run(uint32_t thread_count)
        : threads(make_threads(thread_count)), queues_(window, state) {
        // Relaxed: an execution before this one may have ended while a thread held it.
        list.busy.store(0, std::memory_order_relaxed);
        list.reset_for_reuse();
        mailbox_.reset(0);
    }

    /// Submits a task with one subtask, which leaves conditions that hold already.
    void submit(uint32_t number, uint32_t conditions) {
        ids_[number] =
            submission.submit_task({.active_mask = pto::SUBTASK_AIC, .dependencies = {}}).task_id;
        for (uint32_t i = 0; i < conditions; ++i) {
            pto::deferred_completion_slab_append(&slabs_[number],
                                                 reinterpret_cast<uintptr_t>(&counter_), 1, 0,
                                                 pto::COMPLETION_TYPE_COUNTER);
        }
    }

    /// Submits a task without conditions whose scope ends at once, so that its slot can become
    /// free.
    void submit_in_a_scope(uint32_t number) {
        submission.begin_scope();
        submit(number, 0);
        submission.end_scope();
    }

    /// Handles the FIN of a task's subtask on the thread of that number.
    void finish(uint32_t number) {
        completion.complete_slot_task(rings_[0]->slot(ids_[number].local()), slabs_[number],
                                      *threads[number]);
    }

    /// Takes a message out of the mailbox; false if there is none.
    bool take_message() {
        pto::AICoreCompletionMsgView message;
        return mailbox_.try_pop(message);
    }

    /// The first core takes the task that it was given last.
    void acknowledge() { cores_.acknowledge(0); }

    static constexpr uint32_t window = 2;
    static constexpr uint64_t watchdog_ns = 1'000'000'000;

    pto::RunState state;
    std::vector<std::unique_ptr<pto::SchedulerThread<Platform>>> threads;

  private:
    using Threads = std::vector<std::unique_ptr<pto::SchedulerThread<Platform>>>;

    static Threads make_threads(uint32_t count) {
        Threads made;
        for (uint32_t i = 0; i < count; ++i) {
            made.push_back(std::make_unique<pto::SchedulerThread<Platform>>(i, watchdog_ns));
        }
        return made;
    }

    static std::vector<std::unique_ptr<Ring>> one_ring() {
        std::vector<std::unique_ptr<Ring>> rings;
        rings.push_back(std::make_unique<Ring>(0, window, window));
        return rings;
    }

    NoCores cores_;
    pto::ReadyQueues<Platform> queues_;
    pto::AICoreCompletionMailbox<Platform::mailbox_capacity> mailbox_{};
    std::vector<std::unique_ptr<Ring>> rings_ = one_ring();
    const pto::SchedulerParts<Platform> parts_{cores_,  state, rings_,   threads,
                                               queues_, list,  &mailbox_};
    uint32_t counter_ = 1;
    pto::PTO2TaskId ids_[window] = {};
    pto::DeferredCompletionSlab slabs_[window] = {};

  public:
    pto::SchedulerCompletion<Platform> completion{parts_};

    pto::TaskSubmission<Platform> submission{parts_, completion};
    pto::SchedulerDispatch<Platform> dispatch{parts_, completion, 1};
};

/// FINs with more messages than the mailbox has slots: each thread that meets it full drains it.
template <uint32_t Threads>
void full_mailbox() {
    const auto run = std::make_unique<Run>(Threads);
    for (uint32_t i = 0; i < Threads; ++i) {
        run->submit(i, 2);
    }
    std::vector<std::thread> others;
    for (uint32_t i = 1; i < Threads; ++i) {
        others.emplace_back([&run, i] { run->finish(i); });
    }
    run->finish(0);
    for (std::thread& other : others) {
        other.join();
    }
    run->completion.poll_conditions(*run->threads[0]);
    assert(run->completion.completed() == Threads);
    assert(run->state.status() == 0 && !run->completion.has_conditions());
}

/// Two errors and the end of a run on three threads.
void error_latch() {
    pto::RunState run;
    run.reset();
    std::thread first([&] { run.latch_error(pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID); });
    std::thread second([&] { run.latch_error(pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW); });
    int32_t seen = 0;
    std::thread loop([&] {
        if (run.is_stopped()) {
            seen = run.status();
            assert(seen < 0);
        }
    });
    first.join();
    second.join();
    loop.join();
    assert(run.is_stopped());
    assert(run.status() == -pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID ||
           run.status() == -pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW);
    assert(seen == 0 || seen == run.status());
}

/// A FIN and a poll that complete a task, and another thread that ends the run with an error.
void error_and_completion() {
    const auto run = std::make_unique<Run>(1);
    run->submit(0, 1);
    std::thread fin([&run] {
        run->finish(0);
        run->completion.poll_conditions(*run->threads[0]);
    });
    std::thread other([&run] { run->state.latch_error(pto::PTO2_ERROR_SCHEDULER_TIMEOUT); });
    fin.join();
    other.join();
    assert(run->completion.completed() == 1);
    assert(run->state.status() == -pto::PTO2_ERROR_SCHEDULER_TIMEOUT);
}

/// The last task is submitted and completed while another thread asks whether all is done.
void finish() {
    const auto run = std::make_unique<Run>(2);
    const auto outputs = std::make_unique<int[]>(2);  // plain: what the tasks wrote
    run->submit(0, 0);
    std::thread fin([&] {
        outputs[0] = 1;
        run->finish(0);
    });
    std::thread loop([&] {
        if (run->dispatch.is_finished()) {
            assert(outputs[0] == 1 && outputs[1] == 1);
        }
    });
    run->submit(1, 0);
    run->submission.finish();
    outputs[1] = 1;
    run->finish(1);
    fin.join();
    loop.join();
    assert(run->dispatch.is_finished());
}

/// The submitting thread says twice that it waits for a ring, and another thread asks.
void full_ring() {
    pto::RunState run;
    run.reset();
    std::thread submitter([&run] {
        run.note_full_ring(3, 5);
        run.note_room();
        run.note_full_ring(3, 6);
        run.note_room();
    });
    if (run.full_ring() == 3) {
        const uint64_t first_held = run.first_held();
        assert(first_held == 5 || first_held == 6);
    }
    submitter.join();
    assert(run.full_ring() == pto::RunState::no_ring);
}

/// Two threads leave the loop, and the last one ends the cores of both.
void leave() {
    const auto run = std::make_unique<Run>(2);
    std::thread other([&run] {
        run->dispatch.step(*run->threads[1]);
        run->dispatch.leave(*run->threads[1]);
    });
    run->dispatch.step(*run->threads[0]);
    run->dispatch.leave(*run->threads[0]);
    other.join();
    assert(run->state.status() == 0);
}

/// A thread gives a task to a core while another one asks what holds the run up.
void diagnose() {
    const auto run = std::make_unique<Run>(1);
    run->submit(0, 0);
    std::thread other([&run] { run->dispatch.diagnose(); });
    run->dispatch.step(*run->threads[0]);
    other.join();
}

/// A thread gives a core, which runs a task, the next one ahead while another one asks what holds
/// the run up.
void diagnose_ahead() {
    const auto run = std::make_unique<Run>(1);
    run->submit(0, 0);
    run->dispatch.step(*run->threads[0]);
    run->acknowledge();
    run->dispatch.step(*run->threads[0]);
    run->submit(1, 0);
    std::thread other([&run] { run->dispatch.diagnose(); });
    run->dispatch.step(*run->threads[0]);
    other.join();
}

/// A task is submitted, and the next one finds its ring full, while another thread asks what holds
/// the run up.
void diagnose_submission() {
    const auto run = std::make_unique<Run>(1);
    run->submit_in_a_scope(0);
    std::thread other([&run] { run->dispatch.diagnose(); });
    run->submit(1, 0);
    run->submission.try_submit_task({.active_mask = pto::SUBTASK_AIC, .dependencies = {}});
    other.join();
}

/// A FIN leaves its conditions in the mailbox while another thread asks what holds the run up.
void diagnose_mailbox() {
    const auto run = std::make_unique<Run>(1);
    run->submit(0, 1);
    std::thread other([&run] { run->dispatch.diagnose(); });
    run->finish(0);
    other.join();
}

/// A message is taken out of the mailbox while another thread asks what holds the run up.
void diagnose_drain() {
    const auto run = std::make_unique<Run>(1);
    run->submit(0, 1);
    run->finish(0);
    std::thread other([&run] { run->dispatch.diagnose(); });
    assert(run->take_message());
    other.join();
}

/// A FIN meets a full mailbox in a run that has ended, while another thread asks what holds it up.
void diagnose_full_mailbox() {
    const auto run = std::make_unique<Run>(2);
    run->submit(0, 2);
    run->submit(1, 2);
    run->finish(0);
    run->state.latch_error(pto::PTO2_ERROR_SCHEDULER_TIMEOUT);
    std::thread other([&run] { run->dispatch.diagnose(); });
    run->finish(1);
    other.join();
    assert(list.mpsc_skipped_count.load() == 1);
}

/// The first task of a full ring completes while another thread asks what holds the run up.
void diagnose_window() {
    const auto run = std::make_unique<Run>(1);
    run->submit_in_a_scope(0);
    run->submit(1, 0);
    run->submission.try_submit_task({.active_mask = pto::SUBTASK_AIC, .dependencies = {}});
    std::thread other([&run] { run->dispatch.diagnose(); });
    run->finish(0);
    run->completion.flush_releases(*run->threads[0]);
    other.join();
}

constexpr const char* ready_once =
    "a task is ready once, when its dependencies are met, and sees what they wrote";
constexpr const char* progress =
    "a thread that meets a full mailbox drains it, and every task completes";

constexpr verify::Scenario all[] = {
    {"scheduler/attach", ready_once, "a task completes while its consumer is submitted", 11, false,
     attach_against_completion},
    {"scheduler/fan_in", ready_once, "2 producers complete on 2 threads during the wiring", 6,
     false, fan_in},
    {"scheduler/claim_blocks", "a block range is claimed exactly once",
     "3 blocks, 2 threads that claim up to 2", 4, false, claim_blocks},
    {"scheduler/slot_reuse", "a slot is used again only when no thread uses it any more",
     "2 holds given back on 2 threads, a window of 1", 14, false, slot_reuse},
    {"scheduler/slot_reuse_behind", "a slot is used again only when no thread uses it any more",
     "2 tasks consumed on 2 threads, a third one in a window of 2", 32, false, slot_reuse_behind},
    {"scheduler/completed_seen", "a task that is found completed has written its output",
     "a task completes, and another thread looks at its state", 2, false, completed_seen},
    {"scheduler/watermark", "the watermark passes consumed tasks only, and reaches the last",
     "3 tasks consumed on 3 threads, one look", 486, false, watermark},
    {"scheduler/full_mailbox_1", progress, "1 thread, 3 messages, 2 slots", 4, false,
     full_mailbox<1>},
    {"scheduler/full_mailbox_2", progress, "2 threads x 3 messages, 2 slots", 0, true,
     full_mailbox<2>},
    {"scheduler/finish", "a run that is found finished has completed every task",
     "2 tasks on 2 threads, the second submitted last, a look", 34, false, finish},
    {"scheduler/full_ring", "who sees that a ring is full sees which task holds it",
     "a ring that is full twice, one look", 6, false, full_ring},
    {"scheduler/leave", "the thread that leaves last may use the cores of all",
     "2 threads, a turn and the end", 2, false, leave},
    {"scheduler/diagnose", "a diagnosis may run beside a thread that dispatches",
     "1 task, one dispatch, one diagnosis", 15, false, diagnose},
    {"scheduler/diagnose_ahead", "a diagnosis may run beside a thread that dispatches",
     "2 tasks, one dispatched ahead, one diagnosis", 16, false, diagnose_ahead},
    {"scheduler/diagnose_submission", "a diagnosis may run beside a thread that submits",
     "2 tasks and a full ring, one diagnosis", 35, false, diagnose_submission},
    {"scheduler/diagnose_mailbox", "a diagnosis may run beside a thread that handles a FIN",
     "a FIN with a condition, one diagnosis", 4, false, diagnose_mailbox},
    {"scheduler/diagnose_drain", "a diagnosis may run beside a thread that drains the mailbox",
     "1 message, one pop, one diagnosis", 20, false, diagnose_drain},
    {"scheduler/diagnose_full_mailbox", "a diagnosis may run beside a thread that handles a FIN",
     "a FIN that meets a full mailbox after the end, one diagnosis", 192, false,
     diagnose_full_mailbox},
    {"scheduler/diagnose_window", "a diagnosis may run beside a thread that completes a task",
     "a FIN and a release in a full ring, one diagnosis", 26, false, diagnose_window},
    {"scheduler/error_latch", "the first error ends the run, and every thread sees that one",
     "2 errors and a look on 3 threads", 12, false, error_latch},
    {"scheduler/error_and_completion", "an error does not undo a task's completion",
     "a FIN with a condition and a poll, an error on another thread", 2, false,
     error_and_completion},
};

}  // namespace

std::span<const verify::Scenario> verify::scenarios() { return all; }
