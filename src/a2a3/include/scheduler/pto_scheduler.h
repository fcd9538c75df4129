// Drop-in header for a2a3: what the wait list asks of a scheduler, at global scope.
#pragma once

#include "../../platform.h"
#include "../pto_async_wait.h"

using pto::a2a3::CompletionScheduler;
using pto::a2a3::PTO2LocalReadyBuffer;
