// Target: the mailbox under weave. The input's header chooses the scenario, the rest is the
// schedule: who goes on at every atomic operation, and what every load returns.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/explored.h"
#include "fuzz/mailbox/mailbox_weave_scenario.h"

namespace {

fuzz::MailboxMeetings meetings;

std::vector<fuzz::StateCount> mailbox_weave_states() {
    return {{"push into a full ring", meetings.full},
            {"bulk push in part", meetings.bulk_in_part},
            {"pop that gets nothing", meetings.empty},
            {"pop of more than one", meetings.batch},
            {"wrap of the tickets", meetings.wrap}};
}

}  // namespace

FUZZ_TARGET(mailbox_weave, fuzz::MailboxScenario, mailbox_weave_states) {
    const auto scenario = fuzz::MailboxScenario::decode(input);
    fuzz::run_explored("mailbox_weave", scenario.schedule, scenario.steps_min(),
                       [&] { scenario.run(meetings); });
}
