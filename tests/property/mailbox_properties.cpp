// Properties of the mailbox: random command sequences against a sequential model.
//
// On one thread every load reads the newest value, so each answer of the ring is exactly
// determined: a push is refused only when the ring holds Capacity tickets, a pop comes back empty
// only when the ticket at `tail` is not published. Tickets that are claimed and published later
// stand for producers that the system has stopped between the two.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <vector>

#include "src/runtime/mailbox.h"

namespace {

/// What a message carries; compared field by field.
struct Message {
    uint64_t token;
    uint64_t addr;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    uint64_t backend_cookie;

    bool operator==(const Message&) const = default;
};

Message message_of(const pto::AICoreCompletionMsgView& view) {
    return {view.task_token,      view.addr, view.expected_value, view.engine,
            view.completion_type, view.kind, view.backend_cookie};
}

pto::AICoreCompletionMsgView view_of(const Message& m) {
    return {pto::PTO2TaskId(m.token), m.addr, m.expected_value, m.engine,
            m.completion_type,        m.kind, m.backend_cookie};
}

/// Fields follow from a serial number that no two messages of a run share.
Message condition_of(uint64_t serial) {
    const uint64_t bits = serial * 0x9E3779B97F4A7C15u;
    return {serial / 4,
            bits,
            static_cast<uint32_t>(bits >> 7),
            static_cast<uint32_t>(bits >> 19),
            static_cast<int32_t>(bits >> 32),
            0,
            bits ^ serial};
}

Message normal_done_of(uint64_t serial) { return {serial / 4, ~serial, 0, 0, 0, 1, 0}; }

/// The ring as it should be: tickets that are claimed and not consumed, oldest first, each with its
/// message once that is published.
struct Model {
    uint64_t capacity = 0;
    uint64_t tail = 0;
    uint64_t next_serial = 0;
    std::deque<std::optional<Message>> outstanding;

    uint64_t head() const { return tail + outstanding.size(); }
    uint64_t free_slots() const { return capacity - outstanding.size(); }
    bool poppable() const { return !outstanding.empty() && outstanding.front().has_value(); }
    uint64_t unpublished() const {
        uint64_t count = 0;
        for (const auto& message : outstanding) {
            count += message.has_value() ? 0u : 1u;
        }
        return count;
    }
    /// The position of the n-th claimed ticket that is not published.
    size_t unpublished_position(uint64_t n) const {
        size_t position = 0;
        while (outstanding[position].has_value() || n-- != 0) {
            ++position;
        }
        return position;
    }
};

template <uint32_t Capacity>
using Ring = pto::AICoreCompletionMailbox<Capacity>;

/// A command on a ring. Every one of them checks the hint and the cursors afterwards.
template <uint32_t Capacity>
class MailboxCommand : public rc::state::Command<Model, Ring<Capacity>> {
  public:
    void run(const Model& before, Ring<Capacity>& ring) const final {
        Model after = before;
        act(before, ring);
        this->apply(after);
        RC_ASSERT(ring.head.load() == after.head());
        RC_ASSERT(ring.tail.load() == after.tail);
        RC_ASSERT(ring.has_pending() == !after.outstanding.empty());
    }

  private:
    virtual void act(const Model& before, Ring<Capacity>& ring) const = 0;
};

template <uint32_t Capacity>
struct PushCondition final : MailboxCommand<Capacity> {
    void apply(Model& model) const override {
        if (model.free_slots() != 0) {
            model.outstanding.emplace_back(condition_of(model.next_serial));
        }
        ++model.next_serial;
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        const Message m = condition_of(before.next_serial);
        const bool stored = ring.try_push_condition(m.token, m.addr, m.backend_cookie,
                                                    m.expected_value, m.engine, m.completion_type);
        RC_ASSERT(stored == (before.free_slots() != 0));
    }
    void show(std::ostream& os) const override { os << "push a condition"; }
};

template <uint32_t Capacity>
struct PushNormalDone final : MailboxCommand<Capacity> {
    void apply(Model& model) const override {
        if (model.free_slots() != 0) {
            model.outstanding.emplace_back(normal_done_of(model.next_serial));
        }
        ++model.next_serial;
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        const Message m = normal_done_of(before.next_serial);
        RC_ASSERT(ring.try_push_normal_done(m.token, m.addr) == (before.free_slots() != 0));
    }
    void show(std::ostream& os) const override { os << "push a normal-done"; }
};

/// A number of things, up to somewhat more than the ring holds.
template <uint32_t Capacity>
uint32_t draw_amount() {
    const uint32_t any = *rc::gen::inRange<uint32_t>(0, Capacity + 4);
    return *rc::gen::weightedElement<uint32_t>({{4, any}, {1, Capacity}, {2, any % 4}});
}

template <uint32_t Capacity>
struct PushConditions final : MailboxCommand<Capacity> {
    uint32_t n = draw_amount<Capacity>();

    static Message bulk_message(uint64_t first_serial, uint64_t i) {
        Message m = condition_of(first_serial + i);
        m.token = first_serial;
        return m;
    }
    uint64_t stored_by(const Model& model) const {
        return std::min<uint64_t>(n, model.free_slots());
    }

    void apply(Model& model) const override {
        const uint64_t stored = stored_by(model);
        for (uint64_t i = 0; i < stored; ++i) {
            model.outstanding.emplace_back(bulk_message(model.next_serial, i));
        }
        model.next_serial += n;
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        std::vector<pto::DeferredCompletionEntry> entries;
        for (uint64_t i = 0; i < n; ++i) {
            const Message m = bulk_message(before.next_serial, i);
            entries.push_back(
                {m.addr, m.backend_cookie, m.expected_value, m.engine, m.completion_type, 0});
        }
        RC_ASSERT(ring.try_push_conditions(before.next_serial, entries.data(), n) ==
                  stored_by(before));
    }
    void show(std::ostream& os) const override { os << "push " << n << " conditions in bulk"; }
};

template <uint32_t Capacity>
struct Claim final : MailboxCommand<Capacity> {
    uint32_t n = draw_amount<Capacity>();

    uint64_t claimed_by(const Model& model) const {
        return std::min<uint64_t>(n, model.free_slots());
    }
    void apply(Model& model) const override {
        model.outstanding.resize(model.outstanding.size() + claimed_by(model));
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        uint64_t first_ticket = 0;
        const uint32_t claimed = ring.try_claim(n, first_ticket);
        RC_ASSERT(claimed == claimed_by(before));
        if (claimed != 0) {
            RC_ASSERT(first_ticket == before.head());
        }
    }
    void show(std::ostream& os) const override { os << "claim " << n << " tickets"; }
};

template <uint32_t Capacity>
struct Publish final : MailboxCommand<Capacity> {
    uint64_t choice;

    explicit Publish(const Model& model)
        : choice(*rc::gen::inRange<uint64_t>(0, model.unpublished())) {}

    void checkPreconditions(const Model& model) const override {
        RC_PRE(choice < model.unpublished());
    }
    void apply(Model& model) const override {
        model.outstanding[model.unpublished_position(choice)] = condition_of(model.next_serial++);
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        ring.publish(before.tail + before.unpublished_position(choice),
                     view_of(condition_of(before.next_serial)));
    }
    void show(std::ostream& os) const override { os << "publish claimed ticket number " << choice; }
};

template <uint32_t Capacity>
struct Pop final : MailboxCommand<Capacity> {
    void apply(Model& model) const override {
        if (model.poppable()) {
            model.outstanding.pop_front();
            ++model.tail;
        }
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        pto::AICoreCompletionMsgView out{};
        const bool popped = ring.try_pop(out);
        RC_ASSERT(popped == before.poppable());
        if (popped) {
            RC_ASSERT(message_of(out) == *before.outstanding.front());
        }
    }
    void show(std::ostream& os) const override { os << "pop"; }
};

template <uint32_t Capacity>
struct PopBatch final : MailboxCommand<Capacity> {
    uint32_t max = draw_amount<Capacity>();

    void apply(Model& model) const override {
        for (uint32_t i = 0; i < max && model.poppable(); ++i) {
            model.outstanding.pop_front();
            ++model.tail;
        }
    }
    void act(const Model& before, Ring<Capacity>& ring) const override {
        std::vector<pto::AICoreCompletionMsgView> out(max);
        const uint32_t popped = ring.try_pop_batch(out.data(), max);
        RC_ASSERT(popped <= max);
        RC_ASSERT(popped <= before.outstanding.size());
        for (uint32_t i = 0; i < popped; ++i) {
            RC_ASSERT(before.outstanding[i].has_value());
            RC_ASSERT(message_of(out[i]) == *before.outstanding[i]);
        }
        const bool ended_at_a_gap =
            popped == before.outstanding.size() || !before.outstanding[popped].has_value();
        RC_ASSERT(popped == max || ended_at_a_gap);
    }
    void show(std::ostream& os) const override { os << "pop up to " << max; }
};

template <uint32_t Capacity>
struct Restart final : MailboxCommand<Capacity> {
    void checkPreconditions(const Model& model) const override {
        RC_PRE(model.unpublished() == 0u);
    }
    void apply(Model& model) const override {
        model.tail = model.head();
        model.outstanding.clear();
    }
    void act(const Model&, Ring<Capacity>& ring) const override { ring.restart(); }
    void show(std::ostream& os) const override { os << "restart by tail := head"; }
};

/// A ticket to start from: anywhere, but mostly where the cursors are about to wrap.
uint64_t draw_ticket() {
    const uint64_t near_the_wrap = uint64_t{0} - *rc::gen::inRange<uint64_t>(0, 20);
    const uint64_t anywhere = *rc::gen::arbitrary<uint64_t>();
    return *rc::gen::weightedElement<uint64_t>({{1, 0}, {2, anywhere}, {5, near_the_wrap}});
}

template <uint32_t Capacity>
struct Reset final : MailboxCommand<Capacity> {
    uint64_t ticket = draw_ticket();

    void checkPreconditions(const Model& model) const override {
        RC_PRE(model.unpublished() == 0u);
    }
    void apply(Model& model) const override {
        model.tail = ticket;
        model.outstanding.clear();
    }
    void act(const Model&, Ring<Capacity>& ring) const override { ring.reset(ticket); }
    void show(std::ostream& os) const override { os << "reset to ticket " << ticket; }
};

/// Runs random command sequences on one ring, which persists and is reset.
template <uint32_t Capacity>
void answers_as_the_model_does() {
    static const auto ring = std::make_unique<Ring<Capacity>>();
    Model model;
    model.capacity = Capacity;
    model.tail = draw_ticket();
    ring->reset(model.tail);
    rc::state::check(
        model, *ring,
        rc::state::gen::execOneOfWithArgs<
            PushCondition<Capacity>, PushCondition<Capacity>, PushNormalDone<Capacity>,
            PushConditions<Capacity>, Claim<Capacity>, Publish<Capacity>, Publish<Capacity>,
            Pop<Capacity>, PopBatch<Capacity>, Restart<Capacity>, Reset<Capacity>>());
}

RC_GTEST_PROP(MailboxProperty, a_ring_of_1_answers_as_the_model_does, ()) {
    answers_as_the_model_does<1>();
}

RC_GTEST_PROP(MailboxProperty, a_ring_of_2_answers_as_the_model_does, ()) {
    answers_as_the_model_does<2>();
}

RC_GTEST_PROP(MailboxProperty, a_ring_of_4_answers_as_the_model_does, ()) {
    answers_as_the_model_does<4>();
}

RC_GTEST_PROP(MailboxProperty, a_ring_of_16_answers_as_the_model_does, ()) {
    answers_as_the_model_does<16>();
}

// The ring that ships, without a model of each message: rounds of filling and emptying by arbitrary
// amounts, from any ticket. What was pushed comes out in order, and never more than 4096 fit.
RC_GTEST_PROP(MailboxProperty, the_shipped_ring_keeps_order_and_capacity_from_any_ticket, ()) {
    constexpr uint64_t capacity = 4096;
    static const auto ring = std::make_unique<pto::ShippedMailbox>();
    static std::vector<pto::AICoreCompletionMsgView> out(capacity);
    ring->reset(draw_ticket());
    uint64_t pushed = 0;
    uint64_t popped = 0;
    const auto amounts = *rc::gen::container<std::vector<uint32_t>>(
        8, rc::gen::inRange<uint32_t>(0, capacity + 100));
    for (const uint32_t amount : amounts) {
        for (uint32_t i = 0; i < amount; ++i) {
            const Message m = condition_of(pushed);
            const bool stored = ring->try_push_condition(
                m.token, m.addr, m.backend_cookie, m.expected_value, m.engine, m.completion_type);
            RC_ASSERT(stored == (pushed - popped < capacity));
            pushed += stored ? 1u : 0u;
        }
        const uint32_t got = ring->try_pop_batch(out.data(), amount / 2);
        RC_ASSERT(got == std::min<uint64_t>(amount / 2, pushed - popped));
        for (uint32_t i = 0; i < got; ++i) {
            RC_ASSERT(message_of(out[i]) == condition_of(popped++));
        }
        RC_ASSERT(ring->has_pending() == (pushed != popped));
    }
}

}  // namespace
