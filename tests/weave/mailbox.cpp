// The product's mailbox, unmodified, with two producers, one of them pushing in bulk and then a
// registration, and a consumer, in a ring of 4 slots: small enough to be explored, large enough to
// be full, to wrap and to be claimed in parts.
//
// Asserted: nothing is lost, repeated, torn or invented; each producer's messages come in its
// order; the consumer gets all of them, and then finds the ring empty.
//
//     WEAVE_OPTIONS=mode=pct:executions=1000000 build/dev/bin/explored_mailbox
#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <thread>

#include <mailbox.h>

namespace {

constexpr uint32_t capacity = 4;
constexpr uint32_t messages_each = 3;
constexpr uint32_t registered = 2;  // conditions, in as many slots
constexpr uint32_t producers = 2;

using Mailbox = pto::AICoreCompletionMailbox<capacity>;

/// Every field identifies the message.
pto::DeferredCompletionEntry condition(uint32_t producer, uint32_t number) {
    pto::DeferredCompletionEntry entry{};
    entry.addr = 1000 * producer + number;
    entry.backend_cookie = ~uint64_t{number};
    entry.expected_value = number;
    entry.engine = producer;
    entry.completion_type = static_cast<int32_t>(number + 1);
    return entry;
}

class MailboxScenario {
  public:
    void run() {
        mailbox_->reset(first_ticket);
        std::thread single([this] { push_one_by_one(0); });
        std::thread bulk([this] {
            push_in_bulk(1);
            push_registration(1);
        });
        uint32_t taken = 0;
        while (taken < producers * messages_each + registered) {
            taken += consume();
        }
        single.join();
        bulk.join();
        pto::AICoreCompletionMsgView none;
        assert(!mailbox_->try_pop(none));
        assert(!mailbox_->has_pending());
    }

    // What the consumer finds.

    bool operator()(const pto::AICoreCompletionRegistration& registration) {
        assert(registration.slot_state_addr() == slot_address);
        assert(registration.condition_count() == registered);
        Copied copied[registered];
        registration.copy_conditions(copied);
        for (const Copied& c : copied) {
            check({registration.task_token(), c.entry.addr, c.entry.expected_value, c.entry.engine,
                   c.entry.completion_type, pto::MSG_KIND_CONDITION, c.entry.backend_cookie});
        }
        return true;
    }

    bool operator()(const pto::AICoreCompletionMsgView& message) {
        check(message);
        return true;
    }

  private:
    // Close to the wrap of a 64-bit ticket, which then happens during the run.
    static constexpr uint64_t first_ticket = ~uint64_t{0} - 2;
    static constexpr uint64_t slot_address = 4096;

    struct Copied {
        pto::DeferredCompletionEntry entry;
        static Copied of_entry(const pto::DeferredCompletionEntry& source) { return {source}; }
    };

    void push_one_by_one(uint32_t producer) {
        for (uint32_t i = 0; i < messages_each; ++i) {
            const pto::DeferredCompletionEntry c = condition(producer, i);
            while (!mailbox_->try_push_condition(token(producer), c.addr, c.backend_cookie,
                                                 c.expected_value, c.engine, c.completion_type)) {
                std::this_thread::yield();
            }
        }
    }

    void push_in_bulk(uint32_t producer) {
        pto::DeferredCompletionEntry entries[messages_each];
        for (uint32_t i = 0; i < messages_each; ++i) {
            entries[i] = condition(producer, i);
        }
        for (uint32_t pushed = 0; pushed < messages_each;) {
            const uint32_t got = mailbox_->try_push_conditions(token(producer), entries + pushed,
                                                               messages_each - pushed);
            assert(got <= messages_each - pushed);
            pushed += got;
            if (got == 0) {
                std::this_thread::yield();
            }
        }
    }

    void push_registration(uint32_t producer) {
        pto::DeferredCompletionEntry entries[registered];
        for (uint32_t i = 0; i < registered; ++i) {
            entries[i] = condition(producer, messages_each + i);
        }
        while (
            !mailbox_->try_push_registration(token(producer), slot_address, entries, registered)) {
            std::this_thread::yield();
        }
    }

    /// Takes messages; returns how many slots.
    uint32_t consume() {
        const uint32_t got = mailbox_->consume(capacity, *this);
        if (got == 0) {
            std::this_thread::yield();
        }
        return got;
    }

    void check(const pto::AICoreCompletionMsgView& message) {
        const uint32_t producer = message.engine;
        assert(producer < producers);
        const uint32_t number = next_[producer]++;
        const pto::DeferredCompletionEntry c = condition(producer, number);
        assert(message.task_token == token(producer));
        assert(message.addr == c.addr);
        assert(message.backend_cookie == c.backend_cookie);
        assert(message.expected_value == c.expected_value);
        assert(message.completion_type == c.completion_type);
        assert(message.kind == pto::MSG_KIND_CONDITION);
    }

    static pto::PTO2TaskId token(uint32_t producer) { return pto::PTO2TaskId{producer + 7}; }

    const std::unique_ptr<Mailbox> mailbox_ = std::make_unique<Mailbox>();
    uint32_t next_[producers] = {};
};

}  // namespace

int main() { MailboxScenario().run(); }
