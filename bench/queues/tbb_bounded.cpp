// oneTBB's concurrent_bounded_queue.
#include <tbb/concurrent_queue.h>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class TbbBounded {
  public:
    TbbBounded() { queue_.set_capacity(capacity); }

    bool try_push(const Message& message) { return queue_.try_push(message); }
    bool try_pop(Message& message) { return queue_.try_pop(message); }

  private:
    tbb::concurrent_bounded_queue<Message> queue_;
};

const AllCases<OneByOne<TbbBounded>> cases("tbb_bounded");

}  // namespace
}  // namespace bench
