// Boost.Lockfree's multi-producer, multi-consumer queue, with its nodes allocated beforehand.
#include <boost/lockfree/queue.hpp>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class BoostLockfree {
  public:
    bool try_push(const Message& message) { return queue_.bounded_push(message); }
    bool try_pop(Message& message) { return queue_.pop(message); }

  private:
    boost::lockfree::queue<Message> queue_{capacity};
};

const AllCases<OneByOne<BoostLockfree>> cases("boost_lockfree");

}  // namespace
}  // namespace bench
