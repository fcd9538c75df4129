// The scenario under Relacy, with src/runtime/mailbox.h ported to Relacy's types by hand: the same
// atomic operations with the same orders in the same sequence, and the same plain accesses. Only
// the functions that the scenario calls are ported.
//
//   bench_relacy EXECUTIONS
#include <relacy/relacy.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "bench/weave/scenario.h"

namespace {

using namespace bench::interleavings;

struct View {
    uint64_t task_token;
    uint64_t addr;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    uint64_t backend_cookie;
};

struct Message {
    rl::var<uint64_t> task_token;
    rl::var<uint64_t> addr;
    rl::var<uint32_t> expected_value;
    rl::var<uint32_t> engine;
    rl::var<int32_t> completion_type;
    rl::var<uint32_t> kind;
    rl::var<uint64_t> backend_cookie;
    rl::atomic<uint64_t> seq;
    rl::var<uint64_t> claimed_ticket;

    View read() {
        return {VAR(task_token),      VAR(addr), VAR(expected_value), VAR(engine),
                VAR(completion_type), VAR(kind), VAR(backend_cookie)};
    }

    void claim_line(uint64_t ticket) { VAR(claimed_ticket) = ticket; }
};

class Mailbox {
  public:
    void reset(uint64_t first_ticket) {
        for (uint64_t i = 0; i < capacity; ++i) {
            const uint64_t ticket = first_ticket + i;
            entries_[ticket & mask].seq.store(ticket, rl::memory_order_relaxed);
        }
        head_.store(first_ticket, rl::memory_order_relaxed);
        tail_.store(first_ticket, rl::memory_order_relaxed);
        cached_tail_.store(first_ticket, rl::memory_order_relaxed);
    }

    bool try_push(const View& message) {
        uint64_t ticket;
        if (try_claim(1, ticket) == 0) {
            return false;
        }
        publish(ticket, message);
        return true;
    }

    bool try_pop(View& out) {
        return consume(1, [&out](const View& message) {
                   out = message;
                   return true;
               }) == 1;
    }

  private:
    static constexpr uint64_t mask = capacity - 1;

    uint32_t try_claim(uint32_t n, uint64_t& first_ticket) {
        uint64_t h = head_.load(rl::memory_order_relaxed);
        uint64_t t = cached_tail_.load(rl::memory_order_acquire);
        for (;;) {
            uint64_t used = h - t;
            if (used > capacity || capacity - used < n) {
                t = refresh_tail(t);
                used = h - t;
                if (used > capacity) {
                    h = head_.load(rl::memory_order_relaxed);
                    continue;
                }
            }
            const uint32_t claim = static_cast<uint32_t>(std::min<uint64_t>(n, capacity - used));
            if (claim == 0) {
                return 0;
            }
            if (head_.compare_exchange_weak(h, h + claim, rl::memory_order_relaxed,
                                            rl::memory_order_relaxed)) {
                first_ticket = h;
                return claim;
            }
        }
    }

    void publish(uint64_t ticket, const View& message) {
        Message& slot = entries_[ticket & mask];
        VAR(slot.task_token) = message.task_token;
        VAR(slot.addr) = message.addr;
        VAR(slot.expected_value) = message.expected_value;
        VAR(slot.engine) = message.engine;
        VAR(slot.completion_type) = message.completion_type;
        VAR(slot.kind) = message.kind;
        VAR(slot.backend_cookie) = message.backend_cookie;
        slot.seq.store(ticket + 1, rl::memory_order_release);
    }

    template <class Visitor>
    uint32_t consume(uint32_t max, Visitor&& visit) {
        const uint64_t first = tail_.load(rl::memory_order_relaxed);
        const uint32_t published = count_published(first, max);
        const bool is_behind = published > 1;
        uint32_t taken = 0;
        bool more = true;
        while (more && taken < published) {
            const uint64_t ticket = first + taken;
            Message& slot = entries_[ticket & mask];
            const View message = slot.read();
            if (is_behind) {
                slot.claim_line(ticket);
            }
            ++taken;
            more = visit(message);
        }
        if (taken != 0) {
            tail_.store(first + taken, rl::memory_order_release);
        }
        return taken;
    }

    uint32_t count_published(uint64_t first, uint32_t max) {
        uint32_t n = 0;
        while (n < max &&
               entries_[(first + n) & mask].seq.load(rl::memory_order_acquire) == first + n + 1) {
            ++n;
        }
        return n;
    }

    uint64_t refresh_tail(uint64_t cached) {
        const uint64_t t = tail_.load(rl::memory_order_acquire);
        if (t != cached) {
            cached_tail_.store(t, rl::memory_order_release);
        }
        return t;
    }

    rl::atomic<uint64_t> head_;
    rl::atomic<uint64_t> cached_tail_;
    rl::atomic<uint64_t> tail_;
    Message entries_[capacity];
};

unsigned long long steps = 0;

/// The last thread is the consumer, as the others are numbered by their messages.
struct Scenario : rl::test_suite<Scenario, producers + 1> {
    void before() { mailbox_.reset(0); }

    void thread(unsigned index) {
        if (index < producers) {
            push_all(index);
        } else {
            pop_all();
        }
    }

    /// Called at every switch.
    void invariant() { ++steps; }

  private:
    void push_all(uint32_t producer) {
        for (uint32_t i = 0; i < messages_each; ++i) {
            while (!mailbox_.try_push(
                {producer, address_of(producer, i), i, producer, type_of(i), 0})) {
                rl::yield(1, $);
            }
        }
    }

    void pop_all() {
        uint32_t next[producers] = {};
        for (uint32_t taken = 0; taken < messages;) {
            View message;
            if (!mailbox_.try_pop(message)) {
                rl::yield(1, $);
                continue;
            }
            ++taken;
            const uint32_t producer = message.engine;
            RL_ASSERT(producer < producers);
            const uint32_t number = next[producer]++;
            RL_ASSERT(message.task_token == producer);
            RL_ASSERT(message.addr == address_of(producer, number));
            RL_ASSERT(message.expected_value == number);
            RL_ASSERT(message.completion_type == type_of(number));
            RL_ASSERT(message.kind == 0);
        }
    }

    Mailbox mailbox_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    rl::test_params parameters;
    parameters.search_type = rl::random_scheduler_type;
    parameters.iteration_count = std::strtoull(argv[1], nullptr, 10);
    std::ostringstream unread;
    parameters.progress_stream = &unread;
    const bool is_ok = rl::simulate<Scenario>(parameters);
    std::printf("%llu executions, %llu steps\n",
                static_cast<unsigned long long>(parameters.stop_iteration), steps);
    return is_ok && parameters.stop_iteration == parameters.iteration_count ? 0 : 1;
}
