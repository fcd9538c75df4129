// What a kernel is to the simulated platforms.
#pragma once

#include <cstdint>

#include "engine.h"
#include "src/runtime/aicore_completion_mailbox_types.h"
#include "src/runtime/core_interface.h"

namespace pto::sim {

/// How a simulated core answers a dispatch.
enum class KernelAnswer : uint8_t {
    NORMAL,     ///< ACK at its start, FIN at its end
    NEVER,      ///< not at all: the core hangs before it acknowledges
    NEVER_FIN,  ///< ACK, and then nothing: the core hangs in the kernel
};

/// What a kernel sees while it runs.
struct KernelContext {
    const DispatchPayload& payload;
    DeferredCompletionSlab& slab;
    EngineQueue& engines;
    uint64_t now_ns;
};

/// A kernel of the simulated platforms; TaskSpec::kernel_addr is the address of one. Has to be
/// callable by several cores at once.
class Kernel {
  public:
    /// How long the subtask keeps its core, in nanoseconds of the machine's time.
    virtual uint64_t duration_ns(const DispatchPayload&) const noexcept { return 0; }

    virtual KernelAnswer answer(const DispatchPayload&) const noexcept {
        return KernelAnswer::NORMAL;
    }

    /// Does the subtask's work. Called once, at the end of its time, right before the FIN.
    virtual void run(KernelContext& context) noexcept = 0;

  protected:
    ~Kernel() = default;
};

}  // namespace pto::sim
