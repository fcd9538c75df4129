// Drop-in header for a5: what the wait list asks of a scheduler, at global scope.
#pragma once

#include "../../platform.h"
#include "../pto_async_wait.h"

using pto::a5::CompletionScheduler;
using pto::a5::PTO2LocalReadyBuffer;
