// What a scheduler thread does, turn after turn: see what its cores have finished, poll conditions,
// complete dummies, and give its cores new work.
//
// Each cluster belongs to one thread, and only that thread touches what belongs to its cores. Any
// thread may take a ready task. A thread dispatches a task ahead, to a core that is busy, only when
// no idle core of any thread could take it.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core_exit.h"
#include "core_interface.h"
#include "core_register.h"
#include "diagnose.h"
#include "diagnosis.h"
#include "pto_assert.h"
#include "ready_queues.h"
#include "scheduler_completion.h"
#include "scheduler_thread.h"

namespace pto {

/// The loop of the scheduler threads. step(), wait() and leave() may be called by several threads
/// at once, each with a SchedulerThread of its own. `Completion` handles what has finished, as
/// SchedulerCompletion does.
template <class Platform, class Completion = SchedulerCompletion<Platform>>
class SchedulerDispatch {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using Thread = SchedulerThread<Platform>;
    using Parts = SchedulerParts<Platform>;

    SchedulerDispatch(const Parts& parts, Completion& completion, uint32_t dummy_batch)
        : parts_(parts),
          completion_(completion),
          dummy_batch_(dummy_batch),
          cores_(size_t{parts.cores.cluster_count()} * CORES_PER_CLUSTER),
          own_clusters_(parts.threads.size()),
          exit_(parts.cores) {
        reset();
    }

    /// The loop, until the run ends.
    void run(Thread& thread) noexcept {
        while (!parts_.run.is_stopped()) {
            if (step(thread)) {
                continue;
            }
            if (is_finished()) {
                break;
            }
            wait(thread);
        }
        leave(thread);
    }

    /// One turn. Returns whether it got anything done. Only while the run has not been stopped.
    bool step(Thread& thread) noexcept {
        bool has_progress = poll_cores(thread);
        if (completion_.has_conditions()) {
            has_progress |= completion_.poll_conditions(thread) != 0;
        }
        has_progress |= complete_dummies(thread);
        has_progress |= dispatch_ready(thread);
        parts_.queues.hand_on(thread.ready);
        thread.show_releases();
        return has_progress;
    }

    /// What to do after a turn without progress.
    void wait(Thread& thread) noexcept {
        completion_.flush_releases(thread);
        thread.show_releases();
        completion_.check_error();
        completion_.watch(thread);
        parts_.cores.idle(thread.index);
    }

    /// The way out of the loop: the thread's releases; and, for the thread that leaves last, the
    /// end of all cores. A core that does not answer within the watchdog's limit ends the run with
    /// PTO2_ERROR_SCHEDULER_TIMEOUT. One that has ended the run with that by its silence is not
    /// waited for again.
    void leave(Thread& thread) noexcept {
        completion_.flush_releases(thread);
        // Acq_rel: pairs with itself; the last thread uses the cores after the others have.
        const size_t before = threads_left_.fetch_add(1, std::memory_order_acq_rel);
        PTO_ASSERT(before < own_clusters_.size(), before, own_clusters_.size());
        if (before + 1 == own_clusters_.size()) {
            end_run(thread);
        }
    }

    /// What holds the run up. To be called when no thread makes progress, by any thread, or when
    /// all have left; what it says of a run that makes progress is a guess. Allocates.
    Diagnosis diagnose() const {
        std::vector<CoreView<Platform>> cores;
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            const Core& core = cores_[i];
            // Acquire: pairs with the release store in show_slots(). Relaxed for the tasks.
            const uint64_t shown = core.slots_shown.load(std::memory_order_acquire);
            cores.push_back({i,
                             i / CORES_PER_CLUSTER % static_cast<uint32_t>(own_clusters_.size()),
                             CoreSlots::unpacked(shown),
                             {core.tasks[0].load(std::memory_order_relaxed),
                              core.tasks[1].load(std::memory_order_relaxed)}});
        }
        return Diagnostician<Platform>(parts_, completion_.completed(), cores).run();
    }

    /// The picture of the last run that ended with PTO2_ERROR_SCHEDULER_TIMEOUT, taken when all
    /// threads had left the loop and no core was told to leave, or null. Quiescent only.
    const Diagnosis* diagnosis() const noexcept { return diagnosis_ ? &*diagnosis_ : nullptr; }

    /// Is every task submitted and completed?
    bool is_finished() const noexcept {
        return parts_.run.is_submission_finished() &&
               completion_.completed() == parts_.run.submitted();
    }

    /// Forgets what the cores were given. Quiescent only.
    void reset() noexcept {
        for (uint32_t number = 0; number < cores_.size(); ++number) {
            cores_[number].slots = {};
            cores_[number].show_slots();
            cores_[number].next_id = first_id(number);
        }
        for (OwnClusters& clusters : own_clusters_) {
            clusters.all = 0;
            clusters.open = {};
        }
        // Relaxed: quiescence orders it.
        threads_left_.store(0, std::memory_order_relaxed);
        exit_.reset();
        diagnosis_.reset();
        PTO_ASSERT(!own_clusters_.empty());
        for (uint32_t cluster = 0; cluster < parts_.cores.cluster_count(); ++cluster) {
            OwnClusters& clusters = own_clusters_[cluster % own_clusters_.size()];
            clusters.all |= bit_of(cluster);
        }
        for (OwnClusters& clusters : own_clusters_) {
            for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
                clusters.set_idle(kind, clusters.all);
            }
        }
    }

  private:
    /// For the thread that leaves last.
    void end_run(const Thread& thread) noexcept {
        const bool is_timeout = parts_.run.sched_error_code() == PTO2_ERROR_SCHEDULER_TIMEOUT;
        if (is_timeout) {
            diagnosis_ = diagnose();
        }
        for (const auto& each : parts_.threads) {
            each->show_releases();
        }
        if (exit_.end_cores(thread.index, thread.watchdog.limit_ns(),
                            [&](uint32_t core) { return is_timeout && is_silent(core); })) {
            return;
        }
        parts_.run.latch_error(PTO2_ERROR_SCHEDULER_TIMEOUT);
        if (!diagnosis_) {
            diagnosis_ = diagnose();
        }
        for (const uint32_t core : exit_.silent()) {
            diagnosis_->of(Standstill::CORE_DID_NOT_LEAVE).add(core_text(core));
        }
    }

    /// Is the core at work, and does its word say nothing new? After a timeout it has had the
    /// watchdog's time since its dispatch, which was progress.
    bool is_silent(uint32_t number) noexcept {
        const CoreSlots& slots = cores_[number].slots;
        return !slots.is_idle() &&
               slots.transition(CoreWord::of(parts_.cores.read_status(number))) ==
                   CoreTransition::NONE;
    }

    using Clusters = uint64_t;  ///< a set, a bit for each

    /// What this side knows of a core. Tasks are kept by the lowest bit of their dispatch id.
    struct Core {
        CoreSlots slots;
        uint32_t next_id = 0;
        // Stored by the core's thread; a diagnosis reads them in any.
        std::array<std::atomic<Slot*>, 2> tasks = {};
        std::atomic<uint64_t> slots_shown = CoreSlots().packed();

        Slot& task(uint32_t id) const noexcept {
            // Relaxed: the thread's own store.
            Slot* const slot = tasks[id & 1].load(std::memory_order_relaxed);
            PTO_ASSERT(is_dispatch_id(id) && slot != nullptr, id);
            return *slot;
        }
        void show_slots() noexcept {
            // Release: pairs with the acquire load in diagnose(), for the tasks.
            slots_shown.store(slots.packed(), std::memory_order_release);
        }
    };

    /// The clusters of one thread; those whose first, second, third core is idle; and those where
    /// it is busy but can take a task ahead. Stored by that thread; the others read the first two.
    struct alignas(PTO2_ALIGN_SIZE) OwnClusters {
        Clusters all = 0;
        std::array<std::atomic<Clusters>, CORES_PER_CLUSTER> idle = {};
        std::array<Clusters, CORES_PER_CLUSTER> open = {};

        // Relaxed, both: the owner reads its own store, and to the others it is a hint.
        Clusters idle_of(uint32_t kind) const noexcept {
            return idle[kind].load(std::memory_order_relaxed);
        }
        void set_idle(uint32_t kind, Clusters clusters) noexcept {
            idle[kind].store(clusters, std::memory_order_relaxed);
        }
    };

    /// Which of a core's two slots a dispatch is for. A task that needs several cores and is
    /// dispatched ahead may find some of them idle.
    enum class Target : uint8_t { IDLE, PENDING };

    /// Where a block can go: a cluster, and which of its cores.
    struct Place {
        uint32_t cluster;
        uint8_t cores;
    };

    static uint32_t core_number(uint32_t cluster, uint32_t kind) noexcept {
        return cluster * CORES_PER_CLUSTER + kind;
    }

    static Clusters bit_of(uint32_t cluster) noexcept { return Clusters{1} << cluster; }

    /// The next id of a core. If its word tells of a dispatch of an earlier run, a new one with the
    /// same id would look finished before it began.
    uint32_t first_id(uint32_t number) noexcept {
        const uint32_t last = CoreWord::of(parts_.cores.read_status(number)).id;
        return is_dispatch_id(last) ? next_dispatch_id(last) : 0;
    }

    OwnClusters& own(const Thread& thread) noexcept {
        PTO_ASSERT(thread.index < own_clusters_.size(), thread.index, own_clusters_.size());
        return own_clusters_[thread.index];
    }

    /// Calls visit(cluster) for every cluster of a set.
    template <class Visit>
    static void for_each(Clusters clusters, Visit&& visit) noexcept {
        for (; clusters != 0; clusters &= clusters - 1) {
            visit(static_cast<uint32_t>(std::countr_zero(clusters)));
        }
    }

    bool poll_cores(Thread& thread) noexcept {
        bool has_progress = false;
        for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
            const OwnClusters& clusters = own(thread);
            for_each(clusters.all & ~clusters.idle_of(kind),
                     [&](uint32_t cluster) { has_progress |= poll_core(cluster, kind, thread); });
        }
        return has_progress;
    }

    bool poll_core(uint32_t cluster, uint32_t kind, Thread& thread) noexcept {
        const uint32_t number = core_number(cluster, kind);
        PTO_ASSERT((own(thread).all & bit_of(cluster)) != 0, cluster, thread.index);
        Core& core = cores_[number];
        const CoreWord word = CoreWord::of(parts_.cores.read_status(number));
        const CoreTransition transition = core.slots.transition(word);
        switch (transition) {
            case CoreTransition::NONE:
                return false;
            case CoreTransition::FREE_PENDING:
                break;
            case CoreTransition::COMPLETE_RUNNING:
            case CoreTransition::COMPLETE_RUNNING_AND_PROMOTE:
                complete_subtask(number, core.slots.running_id, thread);
                break;
            case CoreTransition::COMPLETE_PENDING_AND_RUNNING:
                complete_subtask(number, core.slots.pending_id, thread);
                complete_subtask(number, core.slots.running_id, thread);
                break;
        }
        core.slots.apply(transition);
        note_slots(cluster, kind, thread);
        return true;
    }

    /// Does nothing after the end of the run.
    void complete_subtask(uint32_t number, uint32_t id, Thread& thread) noexcept {
        if (!parts_.run.is_stopped()) {
            completion_.complete_slot_task(cores_[number].task(id),
                                           parts_.cores.slab(number, id & 1), thread);
            thread.add_progress();
        }
    }

    /// Brings the sets of clusters in line with the slots of one core.
    void note_slots(uint32_t cluster, uint32_t kind, const Thread& thread) noexcept {
        Core& core = cores_[core_number(cluster, kind)];
        const CoreSlots& slots = core.slots;
        core.show_slots();
        OwnClusters& clusters = own(thread);
        clusters.set_idle(kind, with_bit(clusters.idle_of(kind), cluster, slots.is_idle()));
        clusters.open[kind] = with_bit(clusters.open[kind], cluster, slots.can_take_pending());
    }

    static Clusters with_bit(Clusters set, uint32_t cluster, bool is_in) noexcept {
        return is_in ? set | bit_of(cluster) : set & ~bit_of(cluster);
    }

    bool complete_dummies(Thread& thread) noexcept {
        uint32_t completed = 0;
        while (completed < dummy_batch_) {
            Slot* const dummy = parts_.queues.pop(TaskShape::DUMMY, thread.ready);
            if (dummy == nullptr) {
                break;
            }
            completion_.complete_inline(*dummy, thread);
            ++completed;
        }
        return completed != 0;
    }

    /// Shapes in the order in which they are placed: those that are hard to place first.
    static constexpr std::array<TaskShape, TASK_SHAPES - 1> placing_order = {
        TaskShape::MIX_ALL,       TaskShape::MIX_AIC_AIV0, TaskShape::MIX_AIC_AIV1,
        TaskShape::MIX_AIV0_AIV1, TaskShape::AIC,          TaskShape::AIV};

    bool dispatch_ready(Thread& thread) noexcept {
        bool has_progress = false;
        for (const Target target : {Target::IDLE, Target::PENDING}) {
            for (const TaskShape shape : placing_order) {
                has_progress |= dispatch_shape(shape, target, thread);
            }
        }
        return has_progress;
    }

    bool dispatch_shape(TaskShape shape, Target target, Thread& thread) noexcept {
        const uint8_t cores = cores_of(shape);
        bool has_progress = false;
        while (has_place(cores, target, thread) && parts_.queues.has_ready(shape, thread.ready)) {
            // A task may have come since the idle cores were looked at.
            const Target best = has_place(cores, Target::IDLE, thread) ? Target::IDLE : target;
            if (best == Target::PENDING && another_has_place(cores, thread)) {
                break;
            }
            Slot* const slot = parts_.queues.pop(shape, thread.ready);
            if (slot == nullptr) {
                break;
            }
            dispatch_task(*slot, best, thread);
            has_progress = true;
        }
        return has_progress;
    }

    /// Do idle cores of another thread have room for such a task? It will take the task then. A
    /// hint, as that thread may be about to use them.
    bool another_has_place(uint8_t cores, const Thread& thread) const noexcept {
        for (size_t i = 0; i < own_clusters_.size(); ++i) {
            if (i != thread.index && has_idle_place(cores, own_clusters_[i])) {
                return true;
            }
        }
        return false;
    }

    static bool has_idle_place(uint8_t cores, const OwnClusters& clusters) noexcept {
        if (task_shape(cores) == TaskShape::AIV) {
            return (clusters.idle_of(1) | clusters.idle_of(2)) != 0;
        }
        Clusters places = clusters.all;
        for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
            if ((cores >> kind & 1) != 0) {
                places &= clusters.idle_of(kind);
            }
        }
        return places != 0;
    }

    /// Clusters whose core of this kind could take a block.
    Clusters available(uint32_t kind, Target target, const Thread& thread) noexcept {
        const OwnClusters& clusters = own(thread);
        PTO_ASSERT((clusters.idle_of(kind) & clusters.open[kind]) == 0, kind,
                   clusters.idle_of(kind), clusters.open[kind]);
        return target == Target::IDLE ? clusters.idle_of(kind)
                                      : clusters.idle_of(kind) | clusters.open[kind];
    }

    /// Clusters where all of these cores could take a block.
    Clusters available_to_all(uint8_t cores, Target target, const Thread& thread) noexcept {
        Clusters clusters = own(thread).all;
        for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
            if ((cores >> kind & 1) != 0) {
                clusters &= available(kind, target, thread);
            }
        }
        return clusters;
    }

    /// How many blocks of a task there is a place for.
    int32_t count_places(uint8_t cores, Target target, const Thread& thread) noexcept {
        if (task_shape(cores) != TaskShape::AIV) {
            return std::popcount(available_to_all(cores, target, thread));
        }
        return std::popcount(available(1, target, thread)) +
               std::popcount(available(2, target, thread));
    }

    bool has_place(uint8_t cores, Target target, const Thread& thread) noexcept {
        if (task_shape(cores) == TaskShape::AIV) {
            return (available(1, target, thread) | available(2, target, thread)) != 0;
        }
        return available_to_all(cores, target, thread) != 0;
    }

    /// A place for a block of a task, where there is one. A task for one vector core takes either.
    Place find_place(uint8_t cores, Target target, const Thread& thread) noexcept {
        if (task_shape(cores) == TaskShape::AIV) {
            cores = available(1, target, thread) != 0 ? SUBTASK_AIV0 : SUBTASK_AIV1;
        }
        const Clusters clusters = available_to_all(cores, target, thread);
        PTO_ASSERT(clusters != 0, cores, target);
        return {static_cast<uint32_t>(std::countr_zero(clusters)), cores};
    }

    /// Gives as many of a popped task's blocks to cores as there are places for, at least one, and
    /// puts the task back for the rest.
    void dispatch_task(Slot& slot, Target target, Thread& thread) noexcept {
        const uint8_t cores = slot.active_mask;
        if (slot.logical_block_num == 1) {
            // It belongs to the thread that popped the task: nothing to claim, nothing to count.
            dispatch_block(slot, 0, find_place(cores, target, thread), thread);
            return;
        }
        const int32_t places = count_places(cores, target, thread);
        int16_t first_block = 0;
        const int16_t blocks = slot.claim_blocks(static_cast<int16_t>(places), first_block);
        PTO_ASSERT(0 < blocks && blocks <= places, blocks, places);
        if (first_block + blocks < slot.logical_block_num) {
            // Before the dispatch: the task cannot complete while these blocks are not out, and
            // after the last of them the slot must not be touched.
            parts_.queues.enqueue(slot, nullptr);
        }
        for (int16_t i = 0; i < blocks; ++i) {
            dispatch_block(slot, first_block + i, find_place(cores, target, thread), thread);
        }
    }

    void dispatch_block(Slot& slot, int32_t block, const Place& place, Thread& thread) noexcept {
        for (uint32_t kind = 0; kind < CORES_PER_CLUSTER; ++kind) {
            if ((place.cores >> kind & 1) != 0) {
                dispatch_subtask(slot, block, place.cluster, kind, thread);
            }
        }
        thread.add_progress();
    }

    void dispatch_subtask(Slot& slot, int32_t block, uint32_t cluster, uint32_t kind,
                          Thread& thread) noexcept {
        const uint32_t number = core_number(cluster, kind);
        PTO_ASSERT((own(thread).all & bit_of(cluster)) != 0, cluster, thread.index);
        PTO_ASSERT(0 <= block && block < slot.logical_block_num, block, slot.logical_block_num);
        Core& core = cores_[number];
        const uint32_t id = core.next_id;
        core.next_id = next_dispatch_id(id);
        const TaskPayload<Platform>& task = *slot.payload;
        parts_.cores.payload(number, id & 1) = {slot.task->task_id,     task.kernel_addr,
                                                task.args_addr,         block,
                                                slot.logical_block_num, uint32_t{1} << kind};
        DeferredCompletionSlab& slab = parts_.cores.slab(number, id & 1);
        slab.count = 0;
        slab.error_code = PTO2_ERROR_NONE;
        flush_dispatch(parts_.cores.payload(number, id & 1), slab);
        // Relaxed: show_slots() publishes it.
        core.tasks[id & 1].store(&slot, std::memory_order_relaxed);
        core.slots.dispatched(id);
        note_slots(cluster, kind, thread);
        parts_.cores.ring_doorbell(number, id);
    }

    /// Makes what was written for a dispatch visible to the core, before its doorbell rings.
    static void flush_dispatch(const DispatchPayload& payload,
                               const DeferredCompletionSlab& slab) noexcept {
        Platform::cache_flush_range(&payload, sizeof payload);
        Platform::cache_flush_range(&slab, offsetof(DeferredCompletionSlab, entries));
    }

    const Parts parts_;
    Completion& completion_;
    const uint32_t dummy_batch_;
    std::vector<Core> cores_;
    std::vector<OwnClusters> own_clusters_;
    std::atomic<size_t> threads_left_ = 0;
    CoreExit exit_;
    std::optional<Diagnosis> diagnosis_;
};

}  // namespace pto
