// Queues with a planted fault each, to show that the benchmarks notice. All of them are a mutex and
// a deque underneath.
#include <cstdint>
#include <deque>
#include <mutex>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

enum class Fault { NONE, LOSES, REPEATS, MIXES, OVERTAKES };

/// The fault meets the message with this number, long after the warm-up.
constexpr uint64_t faulty_sequence = warm_up_messages + 777;

template <Fault fault>
class Faulty {
  public:
    bool try_push(Message message) {
        const std::lock_guard lock(mutex_);
        const bool is_met = message.addr == faulty_sequence;
        if (fault == Fault::MIXES && is_met) {
            ++message.expected_value;
        }
        if (fault == Fault::REPEATS && is_met) {
            messages_.push_back(message);
        }
        if ((fault == Fault::LOSES || fault == Fault::OVERTAKES) && is_met) {
            held_back_ = message;
            return true;
        }
        messages_.push_back(message);
        if (fault == Fault::OVERTAKES && message.addr == faulty_sequence + 1) {
            messages_.push_back(held_back_);
        }
        return true;
    }

    bool try_pop(Message& message) {
        const std::lock_guard lock(mutex_);
        if (messages_.empty()) {
            return false;
        }
        message = messages_.front();
        messages_.pop_front();
        return true;
    }

  private:
    std::mutex mutex_;
    std::deque<Message> messages_;
    Message held_back_{};
};

template <Fault fault>
void add(const char* name) {
    constexpr StreamShape single{.producers = 1, .is_pinned = true};
    cells().push_back({"stream", name, stream<OneByOne<Faulty<fault>>, single>, 1, true});
}

[[maybe_unused]] const bool registered = [] {
    add<Fault::NONE>("right");
    add<Fault::LOSES>("loses");
    add<Fault::REPEATS>("repeats");
    add<Fault::MIXES>("mixes");
    add<Fault::OVERTAKES>("overtakes");
    return true;
}();

}  // namespace
}  // namespace bench
