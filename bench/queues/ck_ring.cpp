// Concurrency Kit's ring with messages stored by value, many producers and one consumer. What its
// CK_RING_PROTOTYPE would define does not compile as C++, so its bodies are called directly.
#include <ck_ring.h>

#include <memory>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class CkRing {
  public:
    CkRing() { ck_ring_init(&ring_, capacity); }

    bool try_push(const Message& message) {
        return _ck_ring_enqueue_mp(&ring_, slots_.get(), &message, sizeof message, nullptr);
    }

    bool try_pop(Message& message) {
        return _ck_ring_dequeue_sc(&ring_, slots_.get(), &message, sizeof message);
    }

  private:
    alignas(64) ck_ring ring_;
    std::unique_ptr<Message[]> slots_ = std::make_unique<Message[]>(capacity);
};

const AllCases<OneByOne<CkRing>> cases("ck_ring");

}  // namespace
}  // namespace bench
