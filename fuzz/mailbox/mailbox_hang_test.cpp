// Tests what the mailbox's targets report of a hang, with a mailbox whose pops never return.
#include <gtest/gtest.h>

#include <memory>

#include "fuzz/kit/watched_run.h"
#include "fuzz/mailbox/mailbox_step_runner.h"
#include "fuzz/mailbox/mailbox_threads_runner.h"

namespace fuzz::test {
namespace {

struct StuckMailbox : pto::AICoreCompletionMailbox<4> {
    bool try_pop(pto::AICoreCompletionMsgView&) noexcept { never_return(); }
};

/// As PersistentRings, with one stuck ring of four slots.
class StuckRings {
  public:
    struct Ring {
        using Mailbox = StuckMailbox;

        Mailbox& renew(uint64_t first_ticket) {
            mailbox->reset(first_ticket);
            return *mailbox;
        }
        void reset(uint64_t first_ticket) { mailbox->reset(first_ticket); }

        std::unique_ptr<Mailbox> mailbox = std::make_unique<Mailbox>();
    };

    template <class Use>
    void with_ring_of(uint32_t, Use&& use) {
        use(ring_);
    }

  private:
    Ring ring_;
};

using MailboxHangDeathTest = HangDeathTest;

TEST_F(MailboxHangDeathTest, shows_the_call_and_the_ring) {
    const MailboxStepSchedule schedule{4,
                                       10,
                                       {{MailboxCall::push_conditions, 1, 2, 0},
                                        {MailboxCall::claim, 1, 1, 0},
                                        {MailboxCall::pop, 1, 0, 0}}};
    EXPECT_DEATH(run_watched<MailboxStepRunnerOn<StuckRings>>(schedule),
                 "FINDING some_target: hang: the input still runs after 1 s\n"
                 "  operation 2 of 3: pop\n"
                 "  ring of 4 slots: head 13, tail 10, tail that producers saw 10\n"
                 "  tickets 10 to 11: published\n"
                 "  ticket 12: not published\n");
}

TEST_F(MailboxHangDeathTest, shows_where_each_thread_stands) {
    MailboxThreadsSchedule schedule{};
    schedule.capacity = 4;
    schedule.first_ticket = 10;
    schedule.producers = 1;
    schedule.consumers = 1;
    schedule.lists[0] = {{MailboxThreadsCall::has_pending, Pause::none, 0},
                         {MailboxThreadsCall::pop, Pause::none, 1}};
    schedule.lists[1] = {{MailboxThreadsCall::push_registration, Pause::none, 3}};
    EXPECT_DEATH(run_watched<MailboxThreadsRunnerOn<StuckRings>>(schedule),
                 "  consumer 0: operation 1 of 2: pop\n"
                 "  producer 0: after all 1 operations\n"
                 "  ring of 4 slots: head 12, tail 10, tail that producers saw 10\n"
                 "  tickets 10 to 11: published\n");
}

}  // namespace
}  // namespace fuzz::test
