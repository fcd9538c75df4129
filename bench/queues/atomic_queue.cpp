// The bounded queue of the atomic_queue library, in its variant for elements that are not atomic.
#include <atomic_queue/atomic_queue.h>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class AtomicQueue {
  public:
    bool try_push(const Message& message) { return queue_.try_push(message); }
    bool try_pop(Message& message) { return queue_.try_pop(message); }

  private:
    atomic_queue::AtomicQueue2<Message, capacity> queue_;
};

const AllCases<OneByOne<AtomicQueue>> cases("atomic_queue");

}  // namespace
}  // namespace bench
