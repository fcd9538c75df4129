// Platform a2a3: instantiates every platform test for it.
#include "src/a2a3/platform.h"

using TestedPlatform = pto::a2a3::Platform;

#include "tests/unit/condition_tests.h"
#include "tests/unit/mailbox_tests.h"
#include "tests/unit/platform_tests.h"
#include "tests/unit/wait_list_tests.h"
#include "tests/unit/wait_list_thread_tests.h"
