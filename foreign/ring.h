// The mailbox of another tree with the members that the targets' runners use, which are
// those of pto::AICoreCompletionMailbox and PersistentRing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "foreign/under_test.h"
#include "src/runtime/mailbox.h"

namespace foreign {

/// See pto::AICoreCompletionMailbox. What the tree lacks does nothing, or is made of what it has.
class RingMailbox {
  public:
    bool try_push_condition(uint64_t token, uint64_t addr, uint64_t cookie, uint32_t expected,
                            uint32_t engine, int32_t type) {
        return mailbox_->push_condition({token, addr, cookie, expected, engine, type, 0});
    }

    bool try_push_normal_done(uint64_t token, uint64_t addr) {
        return mailbox_->push_normal_done(token, addr);
    }

    uint32_t try_push_conditions(uint64_t token, const pto::DeferredCompletionEntry* conditions,
                                 uint32_t n) {
        std::vector<Message> messages(n);
        std::transform(conditions, conditions + n, messages.begin(), [&](const auto& c) {
            return Message{token,
                           c.addr,
                           c.backend_cookie,
                           c.expected_value,
                           c.engine,
                           c.completion_type,
                           pto::MSG_KIND_CONDITION};
        });
        return mailbox_->push_conditions(messages.data(), n);
    }

    // No other tree has this call; the schedules leave it out.
    bool try_push_registration(uint64_t, uint64_t, const pto::DeferredCompletionEntry*, uint32_t) {
        return false;
    }

    uint32_t try_claim(uint32_t n, uint64_t& ticket) { return mailbox_->claim(n, ticket); }

    void publish(uint64_t ticket, const pto::AICoreCompletionMsgView& view) {
        mailbox_->publish(ticket,
                          {view.task_token, view.addr, view.backend_cookie, view.expected_value,
                           view.engine, view.completion_type, view.kind});
    }

    bool try_pop(pto::AICoreCompletionMsgView& out) {
        Message message{};
        const bool popped = mailbox_->pop(message);
        if (popped) {
            out = view_of(message);
        }
        return popped;
    }

    uint32_t try_pop_batch(pto::AICoreCompletionMsgView* out, uint32_t max) {
        std::vector<Message> messages(max);
        const uint32_t popped = mailbox_->pop_batch(messages.data(), max);
        std::transform(messages.begin(), messages.begin() + std::min(popped, max), out, view_of);
        return popped;
    }

    template <class Visitor>
    uint32_t consume(uint32_t max, Visitor&& visit) {
        std::vector<pto::AICoreCompletionMsgView> views(max);
        const uint32_t popped = try_pop_batch(views.data(), max);
        std::for_each(views.begin(), views.begin() + std::min(popped, max), visit);
        return popped;
    }

    bool has_pending() { return mailbox_->has_pending(); }
    void restart() { mailbox_->restart(); }
    void reset(uint64_t first_ticket) { mailbox_->renew(first_ticket); }

    Mailbox& get() { return *mailbox_; }

  private:
    static pto::AICoreCompletionMsgView view_of(const Message& m) {
        return {m.token,           m.addr, m.expected_value, m.engine,
                m.completion_type, m.kind, m.backend_cookie};
    }

    std::unique_ptr<Mailbox> mailbox_ = make_mailbox();
};

/// See fuzz::PersistentRing. A ring is made new by filling it with zeros.
class Ring {
  public:
    using Mailbox = RingMailbox;

    RingMailbox& renew(uint64_t first_ticket) {
        mailbox_.reset(first_ticket);
        return mailbox_;
    }
    void reset(uint64_t first_ticket) { mailbox_.reset(first_ticket); }

  private:
    RingMailbox mailbox_;
};

/// See fuzz::PersistentRings: the tree's mailbox has one capacity.
class Rings {
  public:
    template <class Use>
    void with_ring_of(uint32_t, Use&& use) {
        use(ring_);
    }

  private:
    Ring ring_;
};

}  // namespace foreign
