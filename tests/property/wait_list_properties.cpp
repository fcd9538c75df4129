// Properties of the wait list: random command sequences against a model, on every platform at once.
//
// The model is the contract written as plain data: what each message does, in which order entries
// are visited, what an error leaves. Both platforms get the same commands and must give its
// answers, so they also agree with each other. Conditions are counters or untestable; what only one
// platform knows, the event record, is a matter for the units.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "src/platforms.h"

namespace {

constexpr size_t task_count = 300;
constexpr size_t counter_count = 4;
constexpr size_t ring_slots = 4096;
constexpr size_t conditions_max = 64;
constexpr size_t entries_max = 64;
constexpr size_t release_buffer_size = 3;
constexpr size_t no_task = task_count;

enum class Kind { CONDITION, UNTESTABLE, DONE, DONE_WITHOUT_SLOT, DONE_OF_ANOTHER_SLOT, UNKNOWN };

/// One push, in terms of the model: tasks and counters are indices.
struct Push {
    Kind kind = Kind::CONDITION;
    size_t task = 0;
    size_t counter = 0;
    uint32_t expected_value = 0;
};

/// What a command answers. Fields that a command has no use for stay 0.
struct Answer {
    size_t stored = 0;
    int32_t taken = 0;
    int32_t completed = 0;
    int32_t error = 0;
    size_t failed_task = no_task;

    bool operator==(const Answer&) const = default;
};

std::ostream& operator<<(std::ostream& os, const Answer& answer) {
    os << "stored " << answer.stored << ", taken " << answer.taken << ", completed "
       << answer.completed << ", error " << answer.error;
    return answer.failed_task == no_task ? os : os << " of task " << answer.failed_task;
}

class Model {
  public:
    struct Condition {
        Push push;
        bool satisfied = false;
    };
    struct Entry {
        size_t task = 0;
        bool done = false;
        std::vector<Condition> conditions;
    };

    std::deque<Push> ring;
    std::vector<Entry> entries;
    std::array<uint32_t, counter_count> counters{};
    std::vector<size_t> completed;
    std::vector<size_t> released;
    std::vector<size_t> release_buffer;
    int32_t error = 0;
    /// Tasks that were named by a push, and those that were said to be done; for the generators.
    std::array<bool, task_count> named{};
    std::array<bool, task_count> said_done{};

    Answer push(const std::vector<Push>& pushes) {
        Answer answer;
        for (const Push& one : pushes) {
            if (ring.size() < ring_slots) {
                ring.push_back(one);
                ++answer.stored;
            }
            named[one.task] = true;
            said_done[one.task] = said_done[one.task] || one.kind == Kind::DONE;
        }
        return answer;
    }

    Answer drain(bool with_scheduler) {
        Answer answer;
        const size_t completed_before = completed.size();
        while (error == 0 && !ring.empty()) {
            const Push message = ring.front();
            ring.pop_front();
            ++answer.taken;
            apply(message, with_scheduler, answer.failed_task);
        }
        answer.completed = static_cast<int32_t>(completed.size() - completed_before);
        answer.error = error;
        return answer;
    }

    Answer poll(bool with_scheduler) {
        const size_t completed_before = completed.size();
        const bool was_well = error == 0;
        buffered = true;
        Answer answer = drain(with_scheduler);
        if (was_well && error == 0) {
            visit(with_scheduler, answer.failed_task);
        }
        buffered = false;
        answer.taken = 0;
        answer.completed = static_cast<int32_t>(completed.size() - completed_before);
        answer.error = error;
        return answer;
    }

    void reset() {
        ring.clear();
        entries.clear();
        error = 0;
    }

    bool is_completed(size_t task) const {
        return std::find(completed.begin(), completed.end(), task) != completed.end();
    }

  private:
    bool buffered = false;

    Entry* find(size_t task) {
        for (Entry& entry : entries) {
            if (entry.task == task) {
                return &entry;
            }
        }
        return nullptr;
    }

    void apply(const Push& message, bool with_scheduler, size_t& failed_task) {
        switch (message.kind) {
            case Kind::CONDITION:
            case Kind::UNTESTABLE:
                return apply_condition(message, with_scheduler, failed_task);
            case Kind::DONE:
                return apply_done(message.task, with_scheduler, failed_task);
            case Kind::DONE_WITHOUT_SLOT:
            case Kind::DONE_OF_ANOTHER_SLOT:
            case Kind::UNKNOWN:
                error = 103;
        }
    }

    void apply_condition(const Push& message, bool with_scheduler, size_t& failed_task) {
        Entry* entry = find_or_add(message.task, with_scheduler, failed_task);
        if (entry == nullptr) {
            return;
        }
        if (entry->done || entry->conditions.size() == conditions_max) {
            error = 103;
            return;
        }
        entry->conditions.push_back({message});
    }

    void apply_done(size_t task, bool with_scheduler, size_t& failed_task) {
        Entry* entry = find(task);
        if (is_completed(task) || (entry != nullptr && entry->done)) {
            error = 103;
            return;
        }
        if (entry == nullptr && with_scheduler) {
            complete(task);
            return;
        }
        entry = find_or_add(task, with_scheduler, failed_task);
        if (entry != nullptr) {
            entry->done = true;
        }
    }

    /// The task's entry, or null with an error.
    Entry* find_or_add(size_t task, bool with_scheduler, size_t& failed_task) {
        if (Entry* entry = find(task)) {
            return entry;
        }
        if (entries.size() == entries_max && with_scheduler) {
            visit(with_scheduler, failed_task);
        }
        if (error == 0 && entries.size() == entries_max) {
            error = 102;
        }
        if (error != 0) {
            return nullptr;
        }
        entries.push_back({task});
        return &entries.back();
    }

    /// Last to first; a removed entry is replaced by the last.
    void visit(bool with_scheduler, size_t& failed_task) {
        for (size_t i = entries.size(); i-- > 0;) {
            Entry& entry = entries[i];
            if (!test(entry)) {
                error = 101;
                failed_task = entry.done ? entry.task : no_task;
                return;
            }
            const bool ready = entry.done && std::all_of(entry.conditions.begin(),
                                                         entry.conditions.end(), is_satisfied);
            if (ready && with_scheduler) {
                complete(entry.task);
                entry = entries.back();
                entries.pop_back();
            }
        }
    }

    static bool is_satisfied(const Condition& condition) { return condition.satisfied; }

    /// Tests the open conditions in order, up to one that cannot be tested.
    bool test(Entry& entry) {
        for (Condition& condition : entry.conditions) {
            if (condition.push.kind == Kind::UNTESTABLE) {
                return false;
            }
            if (counters[condition.push.counter] >= condition.push.expected_value) {
                condition.satisfied = true;
            }
        }
        return true;
    }

    void complete(size_t task) {
        completed.push_back(task);
        if (!buffered) {
            released.push_back(task);
            return;
        }
        if (release_buffer.size() == release_buffer_size) {
            released.insert(released.end(), release_buffer.begin(), release_buffer.end());
            release_buffer.clear();
        }
        release_buffer.push_back(task);
    }
};

/// One platform's wait list with its mailbox and tasks. Task i has the token i + 1.
template <class Platform>
class Lists final : public pto::CompletionScheduler<Platform> {
  public:
    using List = pto::AsyncWaitList<Platform>;
    using Slot = typename List::Slot;

    void start_again() {
        list.reset_for_reuse();
        mailbox.restart();
        for (size_t i = 0; i < task_count; ++i) {
            descriptors[i].task_id = i + 1;
            slots[i].task = &descriptors[i];
            slots[i].task_state.store(pto::PTO2_TASK_PENDING);
        }
        counters.fill(0);
        completed.clear();
        released.clear();
        release_count = 0;
    }

    Answer push(const std::vector<Push>& pushes) {
        Answer answer;
        for (const Push& one : pushes) {
            answer.stored += push_one(one) ? 1u : 0u;
        }
        return answer;
    }

    Answer drain(bool with_scheduler) {
        Answer answer;
        RC_ASSERT(list.try_lock());
        if (with_scheduler) {
            typename List::Sink sink{this};
            answer.taken =
                list.drain_aicore_completion_mailbox_locked(&mailbox, sink, answer.error);
            answer.completed = sink.inline_completed;
        } else {
            answer.taken = list.drain_aicore_completion_mailbox_locked(&mailbox, answer.error);
        }
        list.unlock();
        return answer;
    }

    Answer poll(bool with_scheduler) {
        const auto result = list.template poll_and_complete<false>(
            &mailbox, with_scheduler ? this : nullptr, nullptr, release_buffer.data(),
            release_count, static_cast<int32_t>(release_buffer_size));
        Answer answer;
        answer.completed = result.completed;
        answer.error = result.error_code;
        if (result.failed_slot_state != nullptr) {
            answer.failed_task = index_of(*result.failed_slot_state);
        }
        return answer;
    }

    Answer poll_while_locked() {
        RC_ASSERT(list.try_lock());
        const Answer answer = poll(true);
        list.unlock();
        return answer;
    }

    void reset() {
        list.reset_for_reuse();
        mailbox.restart();
    }

    void raise(size_t counter, uint32_t by) { counters[counter] += by; }

    /// Checks that the visible state is the model's, and within its bounds.
    void check_against(const Model& model) const {
        RC_ASSERT(list.busy.load() == 0);
        RC_ASSERT(list.error_code.load() == model.error);
        RC_ASSERT(mailbox.has_pending() == !model.ring.empty());
        RC_ASSERT(completed == model.completed);
        RC_ASSERT(released == model.released);
        RC_ASSERT(static_cast<size_t>(release_count) == model.release_buffer.size());
        for (size_t i = 0; i < model.release_buffer.size(); ++i) {
            RC_ASSERT(index_of(*release_buffer[i]) == model.release_buffer[i]);
        }
        const auto count = static_cast<size_t>(list.count.load());
        RC_ASSERT(count <= entries_max);
        RC_ASSERT(count == model.entries.size());
        for (size_t i = 0; i < count; ++i) {
            check_entry(list.entries[i], model.entries[i]);
        }
    }

  private:
    List list;
    typename List::Mailbox mailbox;
    std::array<pto::TaskDescriptor, task_count> descriptors;
    std::array<Slot, task_count> slots;
    std::array<uint32_t, counter_count> counters;
    std::vector<size_t> completed;
    std::vector<size_t> released;
    std::array<Slot*, release_buffer_size> release_buffer;
    int32_t release_count;

    size_t index_of(const Slot& slot) const { return static_cast<size_t>(&slot - slots.data()); }

    void on_mixed_task_complete(Slot& slot,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        completed.push_back(index_of(slot));
    }
    void on_task_release(Slot& slot) noexcept override { released.push_back(index_of(slot)); }

    uint64_t slot_address(size_t task) const {
        return reinterpret_cast<uintptr_t>(&slots[task % task_count]);
    }

    bool push_one(const Push& one) {
        const pto::PTO2TaskId token = one.task + 1;
        switch (one.kind) {
            case Kind::CONDITION:
                return mailbox.try_push_condition(
                    token, reinterpret_cast<uintptr_t>(&counters[one.counter]), one.expected_value,
                    0, 0);
            case Kind::UNTESTABLE:
                return mailbox.try_push_condition(token, 0, 0, 0, 0);
            case Kind::DONE:
                return mailbox.try_push_normal_done(token, slot_address(one.task));
            case Kind::DONE_WITHOUT_SLOT:
                return mailbox.try_push_normal_done(token, 0);
            case Kind::DONE_OF_ANOTHER_SLOT:
                return mailbox.try_push_normal_done(token, slot_address(one.task + 1));
            case Kind::UNKNOWN:
                return push_unknown(token);
        }
        return false;
    }

    bool push_unknown(pto::PTO2TaskId token) {
        uint64_t ticket = 0;
        if (mailbox.try_claim(1, ticket) == 0) {
            return false;
        }
        mailbox.publish(ticket, {token, 0, 0, 0, 0, 2});
        return true;
    }

    static void check_entry(const typename List::Entry& entry, const Model::Entry& expected) {
        RC_ASSERT(entry.task_token.raw == expected.task + 1);
        RC_ASSERT(entry.normal_done == expected.done);
        RC_ASSERT((entry.slot_state != nullptr) == expected.done);
        const auto condition_count = static_cast<size_t>(entry.condition_count);
        RC_ASSERT(condition_count <= conditions_max);
        RC_ASSERT(condition_count == expected.conditions.size());
        int32_t open = 0;
        for (size_t i = 0; i < condition_count; ++i) {
            const Model::Condition& condition = expected.conditions[i];
            RC_ASSERT(entry.conditions[i].satisfied == condition.satisfied);
            RC_ASSERT(entry.conditions[i].retired == condition.satisfied);
            RC_ASSERT(entry.conditions[i].expected_value == condition.push.expected_value);
            open += condition.satisfied ? 0 : 1;
        }
        RC_ASSERT(entry.waiting_completion_count == open);
    }
};

using AllPlatforms = pto::PerPlatform<Lists>;

/// A command: the same call on the model and on each platform, which must give the same answer.
template <class Derived>
class ListCommand : public rc::state::Command<Model, AllPlatforms> {
  public:
    void apply(Model& model) const final { derived().act(model); }
    void run(const Model& before, AllPlatforms& platforms) const final {
        Model after = before;
        const Answer expected = derived().act(after);
        platforms.for_each([&](auto& lists) {
            RC_ASSERT(derived().act(lists) == expected);
            lists.check_against(after);
        });
    }

  private:
    const Derived& derived() const { return static_cast<const Derived&>(*this); }
};

// ----- generators: mostly what a scheduler would push, sometimes anything ------------------------

template <class Predicate>
size_t draw_task(Predicate wanted) {
    std::vector<size_t> candidates;
    for (size_t task = 0; task < task_count; ++task) {
        if (wanted(task)) {
            candidates.push_back(task);
        }
    }
    const bool anything = candidates.empty() || *rc::gen::inRange(0, 40) == 39;
    return anything ? *rc::gen::inRange<size_t>(0, task_count) : *rc::gen::elementOf(candidates);
}

size_t draw_fresh_task(const Model& model) {
    size_t fresh = 0;
    while (fresh + 1 < task_count && model.named[fresh]) {
        ++fresh;
    }
    return fresh;
}

size_t draw_open_task(const Model& model) {
    return draw_task([&](size_t task) { return model.named[task] && !model.said_done[task]; });
}

Push draw_condition(size_t task) {
    return {Kind::CONDITION, task, *rc::gen::inRange<size_t>(0, counter_count),
            *rc::gen::inRange<uint32_t>(0, 6)};
}

std::string number(size_t n, const char* noun) {
    return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

// ----- commands ----------------------------------------------------------------------------------

/// Conditions of one task: a slab's worth, or a few too many.
struct RegisterConditions final : ListCommand<RegisterConditions> {
    size_t n = *rc::gen::weightedElement<size_t>(
        {{3, *rc::gen::inRange<size_t>(1, 4)}, {1, *rc::gen::inRange<size_t>(30, 70)}});
    Push condition;

    explicit RegisterConditions(const Model& model)
        : condition(draw_condition(*rc::gen::arbitrary<bool>() ? draw_open_task(model)
                                                               : draw_fresh_task(model))) {}

    template <class Target>
    Answer act(Target& target) const {
        return target.push(std::vector<Push>(n, condition));
    }
    void show(std::ostream& os) const override {
        os << "task " << condition.task << " registers " << number(n, "condition") << ": counter "
           << condition.counter << " >= " << condition.expected_value;
    }
};

/// One condition each for a row of tasks.
struct RegisterTasks final : ListCommand<RegisterTasks> {
    size_t n = *rc::gen::weightedElement<size_t>(
        {{2, *rc::gen::inRange<size_t>(1, 8)}, {1, *rc::gen::inRange<size_t>(30, 70)}});
    Push first;

    explicit RegisterTasks(const Model& model) : first(draw_condition(draw_fresh_task(model))) {}

    template <class Target>
    Answer act(Target& target) const {
        std::vector<Push> pushes(n, first);
        for (size_t i = 0; i < n; ++i) {
            pushes[i].task = (first.task + i) % task_count;
        }
        return target.push(pushes);
    }
    void show(std::ostream& os) const override {
        os << number(n, "task") << " from " << first.task << " on register one condition each: "
           << "counter " << first.counter << " >= " << first.expected_value;
    }
};

struct FinishTask final : ListCommand<FinishTask> {
    size_t task;

    explicit FinishTask(const Model& model)
        : task(*rc::gen::inRange(0, 4) == 0 ? draw_fresh_task(model) : draw_open_task(model)) {}

    template <class Target>
    Answer act(Target& target) const {
        return target.push({{Kind::DONE, task}});
    }
    void show(std::ostream& os) const override { os << "task " << task << " is done"; }
};

/// Every task that was named and is not done says so.
struct FinishAll final : ListCommand<FinishAll> {
    std::vector<Push> pushes;

    explicit FinishAll(const Model& model) {
        for (size_t task = 0; task < task_count; ++task) {
            if (model.named[task] && !model.said_done[task]) {
                pushes.push_back({Kind::DONE, task});
            }
        }
    }

    template <class Target>
    Answer act(Target& target) const {
        return target.push(pushes);
    }
    void show(std::ostream& os) const override {
        os << "these tasks are done:";
        for (const Push& push : pushes) {
            os << ' ' << push.task;
        }
    }
};

struct PushMalformed final : ListCommand<PushMalformed> {
    Push push;

    explicit PushMalformed(const Model& model)
        : push{*rc::gen::element(Kind::UNTESTABLE, Kind::DONE_WITHOUT_SLOT,
                                 Kind::DONE_OF_ANOTHER_SLOT, Kind::UNKNOWN),
               draw_open_task(model)} {}

    template <class Target>
    Answer act(Target& target) const {
        return target.push({push});
    }
    void show(std::ostream& os) const override {
        os << "task " << push.task << " pushes ";
        switch (push.kind) {
            case Kind::UNTESTABLE:
                os << "a condition with a null address";
                return;
            case Kind::DONE_WITHOUT_SLOT:
                os << "a normal-done without a slot";
                return;
            case Kind::DONE_OF_ANOTHER_SLOT:
                os << "a normal-done with the next task's slot";
                return;
            case Kind::UNKNOWN:
                os << "a message of kind 2";
                return;
            case Kind::CONDITION:
            case Kind::DONE:
                os << "something well-formed";
        }
    }
};

struct RaiseCounter final : ListCommand<RaiseCounter> {
    size_t counter = *rc::gen::inRange<size_t>(0, counter_count);
    uint32_t by = *rc::gen::inRange<uint32_t>(1, 3);

    Answer act(Model& model) const {
        model.counters[counter] += by;
        return {};
    }
    template <class Platform>
    Answer act(Lists<Platform>& lists) const {
        lists.raise(counter, by);
        return {};
    }
    void show(std::ostream& os) const override {
        os << "counter " << counter << " grows by " << by;
    }
};

struct Drain final : ListCommand<Drain> {
    bool with_scheduler = *rc::gen::arbitrary<bool>();

    Answer act(Model& model) const {
        Answer answer = model.drain(with_scheduler);
        answer.failed_task = no_task;  // a drain does not say
        return answer;
    }
    template <class Platform>
    Answer act(Lists<Platform>& lists) const {
        return lists.drain(with_scheduler);
    }
    void show(std::ostream& os) const override {
        os << "drain " << (with_scheduler ? "with" : "without") << " a scheduler";
    }
};

struct Poll final : ListCommand<Poll> {
    bool with_scheduler = *rc::gen::inRange(0, 5) != 0;

    template <class Target>
    Answer act(Target& target) const {
        return target.poll(with_scheduler);
    }
    void show(std::ostream& os) const override {
        os << "poll" << (with_scheduler ? "" : " without a scheduler");
    }
};

struct PollWhileLocked final : ListCommand<PollWhileLocked> {
    Answer act(Model&) const { return {}; }
    template <class Platform>
    Answer act(Lists<Platform>& lists) const {
        return lists.poll_while_locked();
    }
    void show(std::ostream& os) const override { os << "poll while the lock is held"; }
};

struct Reset final : ListCommand<Reset> {
    template <class Target>
    Answer act(Target& target) const {
        target.reset();
        return {};
    }
    void show(std::ostream& os) const override { os << "reset list and mailbox"; }
};

// ----- properties --------------------------------------------------------------------------------

template <class... Commands>
void both_platforms_follow_the_model() {
    static const auto platforms = std::make_unique<AllPlatforms>();
    platforms->for_each([](auto& lists) { lists.start_again(); });
    rc::state::check(Model(), *platforms, rc::state::gen::execOneOfWithArgs<Commands...>());
}

RC_GTEST_PROP(WaitListProperty, tasks_complete_exactly_once_and_when_all_conditions_hold, ()) {
    both_platforms_follow_the_model<RegisterConditions, RegisterConditions, RegisterTasks,
                                    FinishTask, FinishTask, FinishAll, RaiseCounter, RaiseCounter,
                                    Drain, Poll, Poll, PollWhileLocked>();
}

RC_GTEST_PROP(WaitListProperty, errors_are_sticky_and_the_first_one_wins, ()) {
    both_platforms_follow_the_model<RegisterConditions, RegisterTasks, FinishTask, PushMalformed,
                                    RaiseCounter, Drain, Poll, Poll, Reset>();
}

RC_GTEST_PROP(WaitListProperty, no_entry_and_no_list_grows_beyond_its_bound, ()) {
    both_platforms_follow_the_model<RegisterConditions, RegisterTasks, RegisterTasks, FinishAll,
                                    RaiseCounter, Drain, Poll, Reset>();
}

}  // namespace
