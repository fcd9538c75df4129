// The scenario for weave, with the product's own mailbox.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <thread>

#include "bench/weave/scenario.h"
#include "src/runtime/mailbox.h"

namespace bench::interleavings {

using Mailbox = pto::AICoreCompletionMailbox<capacity>;

inline void push_all(Mailbox& mailbox, uint32_t producer) {
    for (uint32_t i = 0; i < messages_each; ++i) {
        while (!mailbox.try_push_condition(pto::PTO2TaskId{producer}, address_of(producer, i), i,
                                           producer, type_of(i))) {
            std::this_thread::yield();
        }
    }
}

inline void pop_all(Mailbox& mailbox) {
    uint32_t next[producers] = {};
    for (uint32_t taken = 0; taken < messages;) {
        pto::AICoreCompletionMsgView message;
        if (!mailbox.try_pop(message)) {
            std::this_thread::yield();
            continue;
        }
        ++taken;
        const uint32_t producer = message.engine;
        assert(producer < producers);
        const uint32_t number = next[producer]++;
        assert(message.task_token == pto::PTO2TaskId{producer});
        assert(message.addr == address_of(producer, number));
        assert(message.expected_value == number);
        assert(message.completion_type == type_of(number));
        assert(message.kind == pto::MSG_KIND_CONDITION);
    }
}

inline void run_scenario() {
    const auto mailbox = std::make_unique<Mailbox>();
    mailbox->reset(0);
    std::thread first([ring = mailbox.get()] { push_all(*ring, 0); });
    std::thread second([ring = mailbox.get()] { push_all(*ring, 1); });
    pop_all(*mailbox);
    first.join();
    second.join();
}

}  // namespace bench::interleavings
