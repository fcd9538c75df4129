// Drop-in header for a5: what kernels may see, at global scope. Kernel-safe.
#pragma once

#include <stdint.h>

#include "../../runtime/aicore_completion_mailbox_types.h"
#include "pto_constants.h"

using pto::ASYNC_ENGINE_CCU;
using pto::ASYNC_ENGINE_ROCE;
using pto::ASYNC_ENGINE_SDMA;
using pto::ASYNC_ENGINE_URMA;
using pto::AsyncEngine;
using pto::COMPLETION_ENGINE_CCU;
using pto::COMPLETION_ENGINE_ROCE;
using pto::COMPLETION_ENGINE_SDMA;
using pto::COMPLETION_ENGINE_URMA;
using pto::COMPLETION_TYPE_COUNTER;
using pto::COMPLETION_TYPE_SDMA_EVENT_RECORD;
using pto::deferred_completion_slab_append;
using pto::DeferredCompletionEntry;
using pto::DeferredCompletionSlab;

// The runtime has these as macros, and may ask whether they are defined. Each expands to itself.
#define COMPLETION_ENGINE_SDMA COMPLETION_ENGINE_SDMA
#define COMPLETION_ENGINE_ROCE COMPLETION_ENGINE_ROCE
#define COMPLETION_ENGINE_URMA COMPLETION_ENGINE_URMA
#define COMPLETION_ENGINE_CCU COMPLETION_ENGINE_CCU
