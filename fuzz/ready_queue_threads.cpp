// Target: the ready queue on real threads; conservation, order and the bounds on "full", "empty"
// and size(). ThreadSanitizer judges the memory orders.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/ready_queue/ready_queue_threads_oracle.h"
#include "fuzz/ready_queue/ready_queue_threads_runner.h"

FUZZ_TARGET(ready_queue_threads, fuzz::ReadyQueueThreadsRunner, fuzz::ready_queue_threads_states)
