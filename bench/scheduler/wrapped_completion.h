// The scheduler's completion with a seam: what handles a FIN can be replaced, and all the rest is
// the product's own.
#pragma once

#include <cstdint>

#include "src/runtime/scheduler_completion.h"

namespace bench {

/// Forwards to the product all that Scheduler asks of its completion, except the handling of a
/// FIN and the question whether there is something to poll.
template <class Platform>
class WrappedCompletion {
  public:
    using Product = pto::SchedulerCompletion<Platform>;
    using Slot = typename Product::Slot;
    using Thread = typename Product::Thread;
    using Parts = typename Product::Parts;

    explicit WrappedCompletion(const Parts& parts) : parts_(parts), product_(parts) {}

    void complete_inline(Slot& slot, Thread& thread) noexcept {
        product_.complete_inline(slot, thread);
    }
    int32_t poll_conditions(Thread& thread) noexcept { return product_.poll_conditions(thread); }
    void check_error() noexcept { product_.check_error(); }
    void give_back(Slot& slot) noexcept { product_.give_back(slot); }
    bool flush_releases(Thread& thread) noexcept { return product_.flush_releases(thread); }
    void watch(Thread& thread) noexcept { product_.watch(thread); }
    uint64_t completed() const noexcept { return product_.completed(); }

  protected:
    ~WrappedCompletion() = default;

    const Parts parts_;
    Product product_;
};

}  // namespace bench
