// Platform a5: instantiates every platform test for it.
#include "src/a5/platform.h"

using TestedPlatform = pto::a5::Platform;

#include "tests/unit/condition_tests.h"
#include "tests/unit/mailbox_tests.h"
#include "tests/unit/platform_tests.h"
#include "tests/unit/wait_list_tests.h"
#include "tests/unit/wait_list_thread_tests.h"
