// Drop-in header for a2a3: what a kernel hands over to wait for, at global scope. Kernel-safe.
#pragma once

#include "aicore_completion_mailbox_types.h"
