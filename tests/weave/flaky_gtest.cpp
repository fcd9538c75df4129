// GoogleTest cases of the mailbox, one of them flaky on purpose: what `./mailproof weave --gtest`
// says of each is demanded by tests/command/weave_gtest.py. On real threads all of them pass nearly
// always.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include <mailbox.h>

namespace {

using Mailbox = pto::AICoreCompletionMailbox<4>;

constexpr uint64_t token = 64;

std::unique_ptr<Mailbox> new_mailbox() {
    auto mailbox = std::make_unique<Mailbox>();
    mailbox->reset(0);
    return mailbox;
}

TEST(MailboxTest, a_message_arrives) {
    const auto mailbox = new_mailbox();
    std::thread producer([&] { EXPECT_TRUE(mailbox->try_push_condition(token, 8, 7, 0, 0)); });
    pto::AICoreCompletionMsgView message;
    while (!mailbox->try_pop(message)) {
        std::this_thread::yield();
    }
    EXPECT_EQ(message.addr, 8u);
    producer.join();
}

// Flaky: the push that was announced may not have been published yet.
TEST(MailboxTest, a_message_has_arrived_when_its_producer_is_about_to_push_it) {
    const auto mailbox = new_mailbox();
    std::atomic<bool> is_near{false};
    std::thread producer([&] {
        is_near = true;
        mailbox->try_push_condition(token, 8, 7, 0, 0);
    });
    while (!is_near) {
        std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    pto::AICoreCompletionMsgView message;
    EXPECT_TRUE(mailbox->try_pop(message));
    producer.join();
}

TEST(MailboxTest, a_new_mailbox_is_empty) { EXPECT_FALSE(new_mailbox()->has_pending()); }

}  // namespace
