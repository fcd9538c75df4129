// Drop-in header for a5: what kernels may see, at global scope. Kernel-safe.
#pragma once

#include <stdint.h>

#include "../../runtime/aicore_completion_mailbox_types.h"
#include "pto_constants.h"

using pto::COMPLETION_ENGINE_CCU;
using pto::COMPLETION_ENGINE_ROCE;
using pto::COMPLETION_ENGINE_SDMA;
using pto::COMPLETION_ENGINE_URMA;
using pto::COMPLETION_TYPE_COUNTER;
using pto::COMPLETION_TYPE_SDMA_EVENT_RECORD;
using pto::deferred_completion_slab_append;
using pto::DeferredCompletionEntry;
using pto::DeferredCompletionSlab;
