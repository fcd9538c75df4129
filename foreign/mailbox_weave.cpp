// Target: the mailbox of another tree under weave, with the scenario of our own. What the
// tree lacks is left out of it.
#include <memory>
#include <string>

#include "foreign/calls.h"
#include "foreign/explored.h"
#include "foreign/known.h"
#include "foreign/mailbox_weave_scenario.h"
#include "foreign/ring.h"

namespace foreign {
namespace {

struct WeaveScenario : fuzz::MailboxScenario {
    static WeaveScenario decode(fuzz::Bytes input) {
        WeaveScenario scenario{MailboxScenario::decode(input)};
        scenario.capacity = tree().capacity;
        scenario.is_below_wrap = scenario.is_below_wrap && tree().has(Feature::reset);
        scenario.has_cookies = tree().has(Feature::cookies);
        scenario.refuses_only_when_full = !tolerates("false-full");
        for (Producer& producer : scenario.producers) {
            producer.bulk = tree().has(Feature::bulk_push) ? producer.bulk : 1;
        }
        write_call_file([&] { return scenario.calls(); });
        return scenario;
    }

    static std::string describe(fuzz::Bytes input) {
        return decode(input).MailboxScenario::describe();
    }

    std::string calls() const {
        std::string text = "start " + std::to_string(is_below_wrap ? ~uint64_t{0} - 2 : 0) + "\n";
        for (uint32_t i = 0; i < producer_count; ++i) {
            text += "producer " + std::to_string(producers[i].messages) + "\n";
        }
        return text;
    }

    void run(fuzz::MailboxMeetings& meetings) const {
        meetings.add(std::make_unique<fuzz::MailboxRun<RingMailbox>>(*this)->run());
    }
};

using ExploredMailbox = Explored<WeaveScenario, fuzz::MailboxMeetings>;

}  // namespace
}  // namespace foreign

FUZZ_TARGET_EXPLORED(mailbox_weave, foreign::ExploredMailbox, foreign::ExploredMailbox::states)
