// What the mailbox's consume() hands out, as a list of views, so that a history has one kind of
// message that came out.
//
// A message of one slot is one view. A registration is a view of its own, whose `addr` is the
// task's slot and whose `expected_value` is the number of conditions, then a view for each
// condition. The pops return only the first of these conditions.
#pragma once

#include <cstdint>
#include <utility>

#include "src/runtime/mailbox.h"

namespace fuzz {

/// A bound for the views that messages have which take `slots` slots, and one registration more.
constexpr uint32_t views_max(uint32_t slots) {
    return 2 * slots + 1 + pto::MAX_COMPLETIONS_PER_TASK;
}

/// What consume() visits: hands the views to `take(const AICoreCompletionMsgView&)`. Ends the call
/// once it has had views_max(slots), which no consume() of as many slots should reach.
template <class Take>
class ViewVisitor {
  public:
    ViewVisitor(uint32_t slots, Take take) : left_(views_max(slots)), take_(std::move(take)) {}

    bool operator()(const pto::AICoreCompletionMsgView& message) { return give(message); }

    bool operator()(const pto::AICoreCompletionRegistration& registration) {
        const pto::PTO2TaskId token = registration.task_token();
        const uint32_t count = registration.condition_count();
        bool more = give(
            {token, registration.slot_state_addr(), count, 0, 0, pto::MSG_KIND_TASK_REGISTRATION});
        if (count > pto::MAX_COMPLETIONS_PER_TASK) {
            return more;  // the view says so
        }
        Condition conditions[pto::MAX_COMPLETIONS_PER_TASK];
        registration.copy_conditions(conditions);
        for (uint32_t i = 0; i < count && more; ++i) {
            const pto::DeferredCompletionEntry& c = conditions[i].entry;
            more = give({token, c.addr, c.expected_value, c.engine, c.completion_type,
                         pto::MSG_KIND_TASK_REGISTRATION, c.backend_cookie});
        }
        return more;
    }

  private:
    struct Condition {
        pto::DeferredCompletionEntry entry;

        static Condition of_entry(const pto::DeferredCompletionEntry& entry) { return {entry}; }
    };

    bool give(const pto::AICoreCompletionMsgView& view) {
        take_(view);
        return --left_ != 0;
    }

    uint32_t left_;
    Take take_;
};

}  // namespace fuzz
