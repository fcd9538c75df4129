// Another tree's headers behind the interface of under_test.h. The only file that includes them.
//
// The build writes <foreign_headers.h>, the tree's headers in their order, and <foreign_glue.h>,
// what comes after the scheduler; and defines
//   FOREIGN_NAME, FOREIGN_OPTION, FOREIGN_KNOWN   strings, see Tree
//   FOREIGN_NAMES_FIRST or _PRESENT  which of the two sets of names the tree has
//   FOREIGN_SCHEDULER_DERIVE         the tree's scheduler is a class to derive from; without it,
//   the
//                                    tree only declares it, and it is defined here
//   FOREIGN_LACKS_...                0 or 1, for each Feature
#include <foreign_headers.h>

#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>

#include "foreign/under_test.h"

#if defined(FOREIGN_NAMES_FIRST)
using ForeignId = PTO2TaskId;
using ForeignSlot = PTO2TaskSlotState;
#define FOREIGN_SCHEDULER PTO2SchedulerState
#define FOREIGN_ON_COMPLETE on_mixed_task_complete
#define FOREIGN_TYPES_HEADER "pto_runtime2_types.h"
#define FOREIGN_LIST_HEADER "pto_async_wait.h"
#else
using ForeignId = TaskId;
using ForeignSlot = ChipTaskSlotState;
#define FOREIGN_SCHEDULER SchedulerState
#define FOREIGN_ON_COMPLETE on_task_complete
#define FOREIGN_TYPES_HEADER "runtime_types.h"
#define FOREIGN_LIST_HEADER "async_wait.h"
#endif
using ForeignMailbox = AICoreCompletionMailbox;
using ForeignView = AICoreCompletionMsgView;
using ForeignCondition = DeferredCompletionEntry;

namespace foreign {
namespace {

/// A task's number, from its slot. The adapter's list sets it.
struct SlotNumbers {
    const ForeignSlot* first = nullptr;
    uint32_t size = 0;

    uint32_t of(const ForeignSlot* slot) const {
        return slot == nullptr ? no_task : static_cast<uint32_t>(slot - first);
    }
};

constexpr int32_t state_pending = 0;
constexpr int32_t state_completed = 1;

/// A field may be a number or an enumeration of the tree.
template <class Field, class Number>
void set(Field& field, Number number) {
    field = static_cast<Field>(number);
}

/// So may a slot's state.
template <class Slot>
void set_state(Slot& slot, int32_t state, std::memory_order order) {
    using State = decltype(slot.task_state.load());
    slot.task_state.store(static_cast<State>(state), order);
}

// Each name is asked for before it is used, so that a tree that lacks one gets a sentence. The
// words in the message are read by commands/kit/subject.py: the name, its header, and how to say
// that it is missing.
#define FOREIGN_NEEDS(condition, name, header, feature) \
    static_assert(condition, "FOREIGN needs " name " of " header ", feature " feature)

template <class M, class View>
concept HasMailboxBasics = requires(M& mailbox, ForeignId id, View& view) {
    { mailbox.has_pending() } -> std::convertible_to<bool>;
};
template <class M>
concept HasPushNormalDone = requires(M& mailbox, ForeignId id) {
    { mailbox.try_push_normal_done(id, uint64_t{}) } -> std::convertible_to<bool>;
};
template <class M>
concept HasPushWithCookie = requires(M& mailbox, ForeignId id) {
    {
        mailbox.try_push_condition(id, uint64_t{}, uint64_t{}, uint32_t{}, uint32_t{}, int32_t{})
    } -> std::convertible_to<bool>;
};
template <class M>
concept HasPushWithoutCookie = requires(M& mailbox, ForeignId id) {
    {
        mailbox.try_push_condition(id, uint64_t{}, uint32_t{}, uint32_t{}, int32_t{})
    } -> std::convertible_to<bool>;
};
template <class M, class View>
concept HasPop = requires(M& mailbox, View& view) {
    { mailbox.try_pop(view) } -> std::convertible_to<bool>;
};
template <class M, class View>
concept HasBatchPop = requires(M& mailbox, View* views) {
    { mailbox.try_pop_batch(views, uint32_t{}) } -> std::convertible_to<uint32_t>;
};
template <class M, class Condition>
concept HasBulkPush = requires(M& mailbox, ForeignId id, const Condition* conditions) {
    { mailbox.try_push_conditions(id, conditions, uint32_t{}) } -> std::convertible_to<uint32_t>;
};
template <class M, class View>
concept HasClaims = requires(M& mailbox, uint64_t& ticket, const View& view) {
    { mailbox.try_claim(uint32_t{}, ticket) } -> std::convertible_to<uint32_t>;
    mailbox.publish(ticket, view);
};
template <class M>
concept HasRestart = requires(M& mailbox) { mailbox.restart(); };
template <class M>
concept HasReset = requires(M& mailbox) { mailbox.reset(uint64_t{}); };
template <class M>
concept HasEntries = requires(M& mailbox) { mailbox.entries[0]; };
template <class View>
concept HasCookie = requires(View& view) { view.backend_cookie; };

#define FOREIGN_MAILBOX_HEADER "aicore_completion_mailbox.h"
#define FOREIGN_MAILBOX_NEEDS(condition, name, feature) \
    FOREIGN_NEEDS(condition, "AICoreCompletionMailbox::" name, FOREIGN_MAILBOX_HEADER, feature)

FOREIGN_MAILBOX_NEEDS((HasMailboxBasics<ForeignMailbox, ForeignView>), "has_pending", "none");
FOREIGN_MAILBOX_NEEDS((HasPushNormalDone<ForeignMailbox>), "try_push_normal_done", "none");
FOREIGN_MAILBOX_NEEDS((HasPop<ForeignMailbox, ForeignView>), "try_pop", "none");
FOREIGN_MAILBOX_NEEDS((HasEntries<ForeignMailbox>), "entries", "none");

template <class M>
constexpr uint32_t capacity_of = static_cast<uint32_t>(sizeof(M::entries) / sizeof(M::entries[0]));
// As large as the models, or smaller.
static_assert(std::has_single_bit(capacity_of<ForeignMailbox>) &&
                  capacity_of<ForeignMailbox> <= 4096,
              "FOREIGN limits AICoreCompletionMailbox::entries of " FOREIGN_MAILBOX_HEADER
              ": their number must be a power of two and at most 4096");
#if FOREIGN_LACKS_COOKIES
FOREIGN_MAILBOX_NEEDS((HasPushWithoutCookie<ForeignMailbox>),
                      "try_push_condition(token, addr, expected, engine, type)", "none");
#else
FOREIGN_MAILBOX_NEEDS((HasPushWithCookie<ForeignMailbox>),
                      "try_push_condition(token, addr, cookie, expected, engine, type)", "cookies");
FOREIGN_NEEDS((HasCookie<ForeignView>), "AICoreCompletionMsgView::backend_cookie",
              FOREIGN_MAILBOX_HEADER, "cookies");
#endif
#if !FOREIGN_LACKS_BULK_PUSH
FOREIGN_MAILBOX_NEEDS((HasBulkPush<ForeignMailbox, ForeignCondition>), "try_push_conditions",
                      "bulk_push");
#endif
#if !FOREIGN_LACKS_BATCH_POP
FOREIGN_MAILBOX_NEEDS((HasBatchPop<ForeignMailbox, ForeignView>), "try_pop_batch", "batch_pop");
#endif
#if !FOREIGN_LACKS_CLAIMS
FOREIGN_MAILBOX_NEEDS((HasClaims<ForeignMailbox, ForeignView>), "try_claim and publish", "claims");
#endif
#if !FOREIGN_LACKS_RESTART
FOREIGN_MAILBOX_NEEDS((HasRestart<ForeignMailbox>), "restart", "restart");
#endif
#if !FOREIGN_LACKS_RESET
FOREIGN_MAILBOX_NEEDS((HasReset<ForeignMailbox>), "reset", "reset");
#endif

/// Memory as the tree's own tests make it: from operator new, all bytes 0.
template <class T>
class ZeroFilled {
  public:
    ZeroFilled() : memory_(::operator new(sizeof(T), std::align_val_t{alignof(T)})) { clear(); }
    ZeroFilled(const ZeroFilled&) = delete;
    ZeroFilled& operator=(const ZeroFilled&) = delete;
    ~ZeroFilled() { ::operator delete(memory_, std::align_val_t{alignof(T)}); }

    void clear() { std::memset(memory_, 0, sizeof(T)); }
    void* memory() { return memory_; }
    T& operator*() const { return *static_cast<T*>(memory_); }
    T* operator->() const { return static_cast<T*>(memory_); }
    T* get() const { return static_cast<T*>(memory_); }

  private:
    void* memory_;
};

ForeignId id_of(uint64_t token) {
    ForeignId id = ForeignId::invalid();
    id.raw = token;
    return id;
}

template <class View>
View view_of(const Message& message) {
    View view{};
    view.task_token = id_of(message.token);
    view.addr = message.addr;
    set(view.expected_value, message.expected_value);
    set(view.engine, message.engine);
    set(view.completion_type, message.completion_type);
    set(view.kind, message.kind);
    if constexpr (HasCookie<View>) {
        view.backend_cookie = message.backend_cookie;
    }
    return view;
}

template <class View>
Message message_of(const View& view) {
    Message message{view.task_token.raw,
                    view.addr,
                    0,
                    static_cast<uint32_t>(view.expected_value),
                    static_cast<uint32_t>(view.engine),
                    static_cast<int32_t>(view.completion_type),
                    static_cast<uint32_t>(view.kind)};
    if constexpr (HasCookie<View>) {
        message.backend_cookie = view.backend_cookie;
    }
    return message;
}

/// `M` and `View` are parameters so that what a tree lacks is not compiled.
template <class M, class View, class Condition>
class MailboxAdapter final : public Mailbox {
  public:
    M* get() { return mailbox_.get(); }

    void renew([[maybe_unused]] uint64_t first_ticket) override {
        // Clearing twice would be most of the time of a short run under weave.
        if (is_used_) {
            mailbox_.clear();
        }
        is_used_ = true;
        if constexpr (!FOREIGN_LACKS_RESET) {
            if (first_ticket != 0) {
                mailbox_->reset(first_ticket);
            }
        }
    }

    void restart() override {
        if constexpr (!FOREIGN_LACKS_RESTART) {
            mailbox_->restart();
        } else {
            View dropped{};
            while (mailbox_->try_pop(dropped)) {
            }
        }
    }

    bool push_condition(const Message& m) override {
        if constexpr (!FOREIGN_LACKS_COOKIES) {
            return mailbox_->try_push_condition(id_of(m.token), m.addr, m.backend_cookie,
                                                m.expected_value, m.engine, m.completion_type);
        } else {
            return mailbox_->try_push_condition(id_of(m.token), m.addr, m.expected_value, m.engine,
                                                m.completion_type);
        }
    }

    bool push_normal_done(uint64_t token, uint64_t addr) override {
        return mailbox_->try_push_normal_done(id_of(token), addr);
    }

    uint32_t push_conditions(const Message* messages, uint32_t count) override {
        if constexpr (!FOREIGN_LACKS_BULK_PUSH) {
            const auto conditions = std::make_unique<Condition[]>(count);
            for (uint32_t i = 0; i < count; ++i) {
                conditions[i].addr = messages[i].addr;
                set(conditions[i].expected_value, messages[i].expected_value);
                set(conditions[i].engine, messages[i].engine);
                set(conditions[i].completion_type, messages[i].completion_type);
                if constexpr (HasCookie<Condition>) {
                    conditions[i].backend_cookie = messages[i].backend_cookie;
                }
            }
            const uint64_t token = count == 0 ? 0 : messages[0].token;
            return mailbox_->try_push_conditions(id_of(token), conditions.get(), count);
        } else {
            uint32_t pushed = 0;
            while (pushed < count && push_condition(messages[pushed])) {
                ++pushed;
            }
            return pushed;
        }
    }

    uint32_t claim([[maybe_unused]] uint32_t count,
                   [[maybe_unused]] uint64_t& first_ticket) override {
        if constexpr (!FOREIGN_LACKS_CLAIMS) {
            return mailbox_->try_claim(count, first_ticket);
        } else {
            return 0;
        }
    }

    void publish([[maybe_unused]] uint64_t ticket,
                 [[maybe_unused]] const Message& message) override {
        if constexpr (!FOREIGN_LACKS_CLAIMS) {
            mailbox_->publish(ticket, view_of<View>(message));
        }
    }

    bool pop(Message& out) override {
        View view{};
        if (!mailbox_->try_pop(view)) {
            return false;
        }
        out = message_of(view);
        return true;
    }

    uint32_t pop_batch(Message* out, uint32_t max) override {
        uint32_t popped = 0;
        if constexpr (!FOREIGN_LACKS_BATCH_POP) {
            const auto views = std::make_unique<View[]>(max);
            popped = mailbox_->try_pop_batch(views.get(), max);
            for (uint32_t i = 0; i < popped && i < max; ++i) {
                out[i] = message_of(views[i]);
            }
        } else {
            while (popped < max && pop(out[popped])) {
                ++popped;
            }
        }
        return popped;
    }

    bool has_pending() override { return mailbox_->has_pending(); }

  private:
    ZeroFilled<M> mailbox_;
    bool is_used_ = false;
};

using ForeignMailboxAdapter = MailboxAdapter<ForeignMailbox, ForeignView, ForeignCondition>;

constexpr uint32_t features() {
    constexpr bool lacks[] = {
        FOREIGN_LACKS_BULK_PUSH, FOREIGN_LACKS_BATCH_POP,     FOREIGN_LACKS_CLAIMS,
        FOREIGN_LACKS_RESTART,   FOREIGN_LACKS_RESET,         FOREIGN_LACKS_COOKIES,
        FOREIGN_LACKS_RECORDS,   FOREIGN_LACKS_CACHED_TAIL,   FOREIGN_LACKS_WAIT_LIST,
        FOREIGN_LACKS_POLL,      FOREIGN_LACKS_STICKY_ERRORS, FOREIGN_LACKS_LIST_RESET};
    static_assert(std::size(lacks) == static_cast<size_t>(Feature::count));
    uint32_t bits = 0;
    for (size_t i = 0; i < std::size(lacks); ++i) {
        bits |= (lacks[i] ? 0u : 1u) << i;
    }
    return bits;
}

}  // namespace

const Tree& tree() {
    static constexpr Tree tree{FOREIGN_NAME, FOREIGN_OPTION, capacity_of<ForeignMailbox>,
                               features(), FOREIGN_KNOWN};
    return tree;
}

std::unique_ptr<Mailbox> make_mailbox() { return std::make_unique<ForeignMailboxAdapter>(); }

}  // namespace foreign

#if FOREIGN_LACKS_WAIT_LIST

std::unique_ptr<foreign::WaitList> foreign::make_wait_list(SchedulerCalls&, uint32_t,
                                                           const uint64_t*, const bool*) {
    return nullptr;
}

#else

#if !defined(FOREIGN_SCHEDULER_DERIVE)
/// The scheduler that the tree only declares: it tells the targets what it hears.
struct FOREIGN_SCHEDULER {
    foreign::SchedulerCalls* calls = nullptr;
    foreign::SlotNumbers numbers;

    template <class... More>
    void FOREIGN_ON_COMPLETE(ForeignSlot& slot, More&&...) {
        foreign::set_state(slot, foreign::state_completed, std::memory_order_release);
        calls->completed(numbers.of(&slot));
    }
    template <class... More>
    int32_t on_task_release(ForeignSlot& slot, More&&...) {
        calls->released(numbers.of(&slot));
        return 0;
    }
};
#endif

#include <foreign_glue.h>

namespace foreign {
namespace {

#if defined(FOREIGN_SCHEDULER_DERIVE)
class Scheduler final : public FOREIGN_SCHEDULER {
  public:
    SchedulerCalls* calls = nullptr;
    SlotNumbers numbers;

#if defined(FOREIGN_NAMES_FIRST)
    void on_mixed_task_complete(ForeignSlot& slot, PTO2LocalReadyBuffer*) noexcept override{
#else
    void on_task_complete(ForeignSlot& slot) noexcept override {
#endif
        calls -> completed(numbers.of(&slot));
} void on_task_release(ForeignSlot& slot) noexcept override {
    calls->released(numbers.of(&slot));
}
};
#else
using Scheduler = FOREIGN_SCHEDULER;
#endif

template <class List>
concept HasDrainWithSink = requires(List& list, ForeignMailbox* mailbox,
                                    typename List::DrainCompletionSink& sink, int32_t& error) {
    {
        list.drain_aicore_completion_mailbox_locked(mailbox, sink, error)
    } -> std::convertible_to<int32_t>;
};
template <class List>
concept HasLock = requires(List& list) {
    { list.try_lock() } -> std::convertible_to<bool>;
    list.unlock();
    list.busy.load();
};
template <class List>
concept HasFind = requires(List& list, ForeignId id) { list.find_entry_by_token(id)->conditions; };
template <class List>
concept HasCount = requires(List& list) { static_cast<int32_t>(list.count); };
template <class List>
concept HasListReset = requires(List& list) { list.reset_for_reuse(); };
template <class List>
concept HasErrorCode = requires(List& list) { static_cast<int32_t>(list.error_code); };
template <class List>
concept HasPollWithBuffers = requires(List& list, ForeignMailbox* mailbox, FOREIGN_SCHEDULER* sched,
                                      ForeignSlot** slots, int32_t& count) {
    list.template poll_and_complete<false>(mailbox, sched, nullptr, slots, count, int32_t{});
};
template <class List>
concept HasPollWithoutBuffers =
    requires(List& list, ForeignMailbox* mailbox, FOREIGN_SCHEDULER* sched, ForeignSlot** slots,
             int32_t& count) {
        list.template poll_and_complete<false>(mailbox, sched, slots, count, int32_t{});
    };
template <class Slot>
concept HasTaskState = requires(Slot& slot) { slot.task_state.store(slot.task_state.load()); };
template <class Slot>
concept HasDescriptor = requires(Slot& slot, ForeignId id) { slot.task->task_id = id; };

#define FOREIGN_LIST_NEEDS(condition, name, feature) \
    FOREIGN_NEEDS(condition, "AsyncWaitList::" name, FOREIGN_LIST_HEADER, feature)

FOREIGN_LIST_NEEDS((HasLock<AsyncWaitList>), "try_lock, unlock and busy", "wait_list");
FOREIGN_LIST_NEEDS((HasDrainWithSink<AsyncWaitList>), "drain_aicore_completion_mailbox_locked",
                   "wait_list");
FOREIGN_LIST_NEEDS((HasFind<AsyncWaitList>), "find_entry_by_token", "wait_list");
FOREIGN_LIST_NEEDS((HasCount<AsyncWaitList>), "count", "wait_list");
FOREIGN_NEEDS((HasTaskState<ForeignSlot>), "the slot's task_state", FOREIGN_TYPES_HEADER,
              "wait_list");
#if !FOREIGN_LACKS_LIST_RESET
FOREIGN_LIST_NEEDS((HasListReset<AsyncWaitList>), "reset_for_reuse", "list_reset");
#endif
#if !FOREIGN_LACKS_POLL
FOREIGN_LIST_NEEDS((HasPollWithBuffers<AsyncWaitList> || HasPollWithoutBuffers<AsyncWaitList>),
                   "poll_and_complete", "poll");
#endif

constexpr int32_t release_capacity_max = 256;

/// The task's descriptor, as far as the list looks at it.
template <class Slot, bool Has>
struct DescriptorOf {
    using Type = char;
};
template <class Slot>
struct DescriptorOf<Slot, true> {
    using Type = std::remove_reference_t<decltype(*Slot::task)>;
};

template <class List, class Slot>
class WaitListAdapter final : public WaitList {
  public:
    WaitListAdapter(SchedulerCalls& calls, uint32_t tasks, const uint64_t* tokens,
                    const bool* has_descriptor)
        : tasks_(tasks) {
        const size_t bytes = sizeof(Slot) * tasks;
        slots_ = static_cast<Slot*>(::operator new(bytes, std::align_val_t{alignof(Slot)}));
        std::memset(static_cast<void*>(slots_), 0, bytes);
        if constexpr (has_descriptors) {
            const size_t size = sizeof(Descriptor) * tasks;
            descriptors_ =
                static_cast<Descriptor*>(::operator new(size, std::align_val_t{descriptor_align}));
            std::memset(static_cast<void*>(descriptors_), 0, size);
            for (uint32_t task = 0; task < tasks; ++task) {
                descriptors_[task].task_id = id_of(tokens[task]);
                slots_[task].task = has_descriptor[task] ? &descriptors_[task] : nullptr;
            }
        }
        scheduler_.calls = &calls;
        scheduler_.numbers = {slots_, tasks};
    }

    ~WaitListAdapter() override {
        ::operator delete(slots_, std::align_val_t{alignof(Slot)});
        if constexpr (has_descriptors) {
            ::operator delete(descriptors_, std::align_val_t{descriptor_align});
        }
    }

    void renew() override {
        ::new (list_.memory()) List{};
        make_tasks_pending();
        forget_releases();
    }

    void reset_for_reuse() override {
        if constexpr (!FOREIGN_LACKS_LIST_RESET) {
            list_->reset_for_reuse();
        } else {
            ::new (list_.memory()) List{};
        }
        make_tasks_pending();
    }

    bool try_lock() override { return list_->try_lock(); }
    void unlock() override { list_->unlock(); }

    Outcome drain(Mailbox& mailbox, bool has_sink, const Release& release) override {
        typename List::DrainCompletionSink sink{};
        if (has_sink) {
            sink.sched = &scheduler_;
            sink.deferred_release_slot_states = release.capacity == 0 ? nullptr : releases_;
            sink.deferred_release_count = &release_count_;
            sink.deferred_release_capacity = release.capacity;
        }
        Outcome outcome{0, 0, 0, no_task};
        outcome.taken = static_cast<uint32_t>(
            list_->drain_aicore_completion_mailbox_locked(own(mailbox), sink, outcome.error));
        outcome.completed = static_cast<int32_t>(sink.inline_completed);
        return outcome;
    }

    Outcome poll(Mailbox& mailbox, bool has_scheduler, const Release& release,
                 bool is_profiling) override {
        return is_profiling ? poll_with<true>(mailbox, has_scheduler, release)
                            : poll_with<false>(mailbox, has_scheduler, release);
    }

    void flush_releases() override {
        for (int32_t i = 0; i < release_count_; ++i) {
            scheduler_.calls->released(scheduler_.numbers.of(releases_[i]));
        }
        release_count_ = 0;
    }
    void forget_releases() override { release_count_ = 0; }
    uint32_t releases_buffered() const override { return static_cast<uint32_t>(release_count_); }

    int32_t count() const override {
        if constexpr (requires { list_->count.load(std::memory_order_relaxed); }) {
            return list_->count.load(std::memory_order_relaxed);
        } else {
            return static_cast<int32_t>(list_->count);
        }
    }
    bool is_lock_free() const override { return list_->busy.load(std::memory_order_relaxed) == 0; }
    int32_t error_code(int32_t otherwise) const override {
        if constexpr (HasErrorCode<List>) {
            return static_cast<int32_t>(list_->error_code);
        } else {
            return otherwise;
        }
    }

    bool find(uint64_t token, Entry& out) override {
        const auto* const entry = list_->find_entry_by_token(id_of(token));
        if (entry == nullptr) {
            return false;
        }
        out = snapshot_of(*entry);
        return true;
    }
    Entry entry(int32_t index) const override { return snapshot_of(list_->entries[index]); }

    uint64_t slot_address(uint32_t task) const override {
        return reinterpret_cast<uintptr_t>(&slots_[task]);
    }
    int32_t task_state(uint32_t task) const override {
        return static_cast<int32_t>(slots_[task].task_state.load(std::memory_order_relaxed));
    }
    void complete_elsewhere(uint32_t task) override {
        set_state(slots_[task], state_completed, std::memory_order_relaxed);
    }

  private:
    static constexpr bool has_descriptors = HasDescriptor<Slot>;
    using Descriptor = typename DescriptorOf<Slot, has_descriptors>::Type;
    static constexpr size_t descriptor_align = alignof(Descriptor);

    static ForeignMailbox* own(Mailbox& mailbox) {
        return static_cast<ForeignMailboxAdapter&>(mailbox).get();
    }

    void make_tasks_pending() {
        for (uint32_t task = 0; task < tasks_; ++task) {
            set_state(slots_[task], state_pending, std::memory_order_relaxed);
        }
    }

    template <bool Profiling>
    Outcome poll_with([[maybe_unused]] Mailbox& mailbox, [[maybe_unused]] bool has_scheduler,
                      [[maybe_unused]] const Release& release) {
        Outcome outcome{0, 0, 0, no_task};
        if constexpr (!FOREIGN_LACKS_POLL) {
            FOREIGN_SCHEDULER* const scheduler = has_scheduler ? &scheduler_ : nullptr;
            ForeignSlot** const slots = release.capacity == 0 ? nullptr : releases_;
            const auto result = [&] {
                if constexpr (HasPollWithBuffers<List>) {
                    return list_->template poll_and_complete<Profiling>(
                        own(mailbox), scheduler, nullptr, slots, release_count_, release.capacity);
                } else {
                    return list_->template poll_and_complete<Profiling>(
                        own(mailbox), scheduler, slots, release_count_, release.capacity);
                }
            }();
            outcome.error = result.error_code;
            outcome.completed = result.completed;
            outcome.failed_task = scheduler_.numbers.of(result.failed_slot_state);
        }
        return outcome;
    }

    template <class ListEntry>
    Entry snapshot_of(const ListEntry& entry) const {
        Entry snapshot{entry.task_token.raw,
                       scheduler_.numbers.of(entry.slot_state),
                       static_cast<bool>(entry.normal_done),
                       static_cast<uint32_t>(entry.condition_count),
                       static_cast<uint32_t>(entry.waiting_completion_count),
                       0,
                       0};
        for (uint32_t i = 0; i < snapshot.conditions && i < 64; ++i) {
            snapshot.satisfied |= uint64_t{entry.conditions[i].satisfied} << i;
            snapshot.retired |= uint64_t{entry.conditions[i].retired} << i;
        }
        return snapshot;
    }

    const uint32_t tasks_;
    ZeroFilled<List> list_;
    Slot* slots_ = nullptr;
    Descriptor* descriptors_ = nullptr;
    Scheduler scheduler_;
    ForeignSlot* releases_[release_capacity_max] = {};
    int32_t release_count_ = 0;
};

}  // namespace foreign

std::unique_ptr<WaitList> make_wait_list(SchedulerCalls& calls, uint32_t tasks,
                                         const uint64_t* tokens, const bool* has_descriptor) {
    return std::make_unique<WaitListAdapter<AsyncWaitList, ForeignSlot> >(calls, tasks, tokens,
                                                                          has_descriptor);
}

}  // namespace foreign

#endif
