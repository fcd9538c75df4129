// Drop-in header for a5, the runtime's later names.
// Task ids, slots and their states at global scope.
#pragma once

#include "../platform.h"
#include "pto_constants.h"

using pto::PTO2_TASK_COMPLETED;
using pto::PTO2_TASK_CONSUMED;
using pto::PTO2_TASK_PENDING;
using pto::TaskDescriptor;
using ChipTaskSlotState = pto::a5::PTO2TaskSlotState;
using TaskId = pto::PTO2TaskId;
