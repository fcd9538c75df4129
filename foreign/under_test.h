// What the targets ask of another mailbox and wait list.
//
// The adapter (adapter.cpp) implements it with the headers of that tree, and is the only file that
// sees them: their names are at global scope, and some are macros. Everything here is the standard
// library's, so the two sides share no name.
//
// Contract and words are those of src/runtime/mailbox.h and src/runtime/wait_list.h.
#pragma once

#include <cstdint>
#include <memory>

namespace foreign {

/// What a tree may lack; what needs it is left out.
enum class Feature : uint32_t {
    bulk_push,      ///< try_push_conditions()
    batch_pop,      ///< try_pop_batch()
    claims,         ///< try_claim() and publish(), between which a producer can stop
    restart,        ///< restart() of the mailbox
    reset,          ///< reset(first_ticket) of the mailbox
    cookies,        ///< conditions with a backend_cookie
    records,        ///< completion type 1 as a monotonic 64-bit record
    cached_tail,    ///< a tail beside `head`; its absence leaves nothing out
    wait_list,      ///< AsyncWaitList
    poll,           ///< poll_and_complete()
    sticky_errors,  ///< after the first error the list reports it and does nothing else
    list_reset,     ///< reset_for_reuse() of the list; without it a new one is made
    count,
};

/// The facts of the tree that this program was built for.
struct Tree {
    const char* name;
    const char* option;  ///< what --subject was
    uint32_t capacity;   ///< slots of its mailbox
    uint32_t features;   ///< bit i: it has Feature i
    /// The known differences that its owner tolerates, words with commas between them.
    const char* known;

    constexpr bool has(Feature feature) const {
        return (features >> static_cast<uint32_t>(feature) & 1u) != 0;
    }
};

const Tree& tree();

/// A message, as it is pushed and popped.
struct Message {
    uint64_t token;
    uint64_t addr;
    uint64_t backend_cookie;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;  ///< 0 a condition, 1 a NORMAL_DONE
};

/// A mailbox of the tree. Thread-safe as the contract says, but for renew().
class Mailbox {
  public:
    virtual ~Mailbox() = default;

    /// Makes it as new. Comes first. The first ticket is 0 unless the tree has Feature::reset.
    /// Quiescent only.
    virtual void renew(uint64_t first_ticket) = 0;
    /// Drops every message. Quiescent only, and every claim published.
    virtual void restart() = 0;

    virtual bool push_condition(const Message& message) = 0;
    virtual bool push_normal_done(uint64_t token, uint64_t addr) = 0;
    /// Pushes as many of the conditions as fit, with the token of the first; returns how many.
    virtual uint32_t push_conditions(const Message* messages, uint32_t count) = 0;
    virtual uint32_t claim(uint32_t count, uint64_t& first_ticket) = 0;
    virtual void publish(uint64_t ticket, const Message& message) = 0;

    virtual bool pop(Message& out) = 0;
    virtual uint32_t pop_batch(Message* out, uint32_t max) = 0;
    virtual bool has_pending() = 0;
};

std::unique_ptr<Mailbox> make_mailbox();

/// Hears what the wait list tells its scheduler.
class SchedulerCalls {
  public:
    virtual void completed(uint32_t task) = 0;
    virtual void released(uint32_t task) = 0;

  protected:
    ~SchedulerCalls() = default;
};

/// "No task", where a number of one is returned.
inline constexpr uint32_t no_task = ~uint32_t{0};

/// What a drain or a poll did.
struct Outcome {
    uint32_t taken;  ///< of a drain
    int32_t error;
    int32_t completed;
    uint32_t failed_task;  ///< of a poll
};

/// A task's entry. Bit i of the masks is condition i.
struct Entry {
    uint64_t token;
    uint32_t slot_of_task;  ///< whose slot is bound, or no_task
    bool is_normal_done;
    uint32_t conditions;
    uint32_t conditions_open;
    uint64_t satisfied;
    uint64_t retired;
};

/// How a list gives back what it completed.
struct Release {
    int32_t capacity;  ///< of the buffer; 0: there is none
};

/// A wait list of the tree with its tasks. Thread-safe as the contract says, but for renew() and
/// what is about tasks.
class WaitList {
  public:
    virtual ~WaitList() = default;

    /// Makes the list as new, and all tasks pending. Comes first. Quiescent only.
    virtual void renew() = 0;
    /// Starts a new run: reset_for_reuse(), if the tree has it. All tasks are pending.
    virtual void reset_for_reuse() = 0;

    virtual bool try_lock() = 0;
    virtual void unlock() = 0;
    /// Drains; the caller has the lock. With a sink, tasks can complete.
    virtual Outcome drain(Mailbox& mailbox, bool has_sink, const Release& release) = 0;
    virtual Outcome poll(Mailbox& mailbox, bool has_scheduler, const Release& release,
                         bool is_profiling) = 0;
    /// Releases what is in the buffer.
    virtual void flush_releases() = 0;
    virtual void forget_releases() = 0;
    virtual uint32_t releases_buffered() const = 0;

    /// Waiting tasks, read as the gate of a poll reads them: without the lock.
    virtual int32_t count() const = 0;
    virtual bool is_lock_free() const = 0;
    /// The list's own error, or `otherwise` if the tree has no such member.
    virtual int32_t error_code(int32_t otherwise) const = 0;
    virtual bool find(uint64_t token, Entry& out) = 0;
    virtual Entry entry(int32_t index) const = 0;

    /// Where a task's slot lies, for its NORMAL_DONE.
    virtual uint64_t slot_address(uint32_t task) const = 0;
    virtual int32_t task_state(uint32_t task) const = 0;
    virtual void complete_elsewhere(uint32_t task) = 0;
};

/// A list with `tasks` tasks. Task i has the token tokens[i], and a descriptor if
/// has_descriptor[i]. `calls` must live as long.
std::unique_ptr<WaitList> make_wait_list(SchedulerCalls& calls, uint32_t tasks,
                                         const uint64_t* tokens, const bool* has_descriptor);

}  // namespace foreign
