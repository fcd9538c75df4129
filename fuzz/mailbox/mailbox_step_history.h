// What happened when a mailbox schedule ran on one thread: every call in order, with its arguments
// and its results, and every message that came out.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/mailbox/mailbox_step_schedule.h"
#include "src/runtime/mailbox.h"

namespace fuzz {

/// One call. Which members mean something depends on `call`:
///   pushes, claim   `first_message` is the number of the first message offered, `count` how many
///                   were offered, `result` how many were taken; claim: `ticket` is the first
///   publish         `ticket`, and `first_message`: the message that was written to it
///   registration    `count` conditions, the first of them message `first_message`; `result`: was
///                   it taken
///   pops            `count` asked for, `result` popped; they are the next `result` messages of
///                   MailboxStepHistory::popped
///   consume         `count` slots asked for, `result` freed; the next `views` of
///                   MailboxStepHistory::popped, as registration_views.h has them
///   has_pending     `result`
///   reset           `ticket`
struct MailboxEvent {
    uint32_t operation;  ///< index into the schedule
    MailboxCall call;
    uint32_t first_message;
    uint32_t count;
    uint32_t result;
    uint64_t ticket;
    uint32_t views = 0;
};

struct MailboxStepHistory {
    std::vector<MailboxEvent> events;
    std::vector<pto::AICoreCompletionMsgView> popped;

    void clear() {
        events.clear();
        popped.clear();
    }
};

}  // namespace fuzz
