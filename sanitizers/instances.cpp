// Defines what instances.h declares.
#include "sanitizers/instances.h"

SUITE_INSTANCES()
