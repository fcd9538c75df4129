// The drop-in folder of a5: a runtime's own include lines give it every name at global scope.
#include "pto_async_wait.h"
#include "scheduler/pto_scheduler.h"
#include "tests/unit/drop_in_tests.h"

TEST(A5DropInTest, a_task_goes_from_its_slab_to_completion) {
    a_task_goes_from_its_slab_to_completion();
}

TEST(A5DropInTest, every_name_of_the_contract_is_at_global_scope) {
    every_name_of_the_contract_is_at_global_scope();
}

TEST(A5DropInTest, the_types_are_those_of_its_platform) { the_types_are_those_of_its_platform(); }
