// Mutexes, as condition variables need them too.
#pragma once

#include <pthread.h>

#include "entry/lock.h"

namespace weave {

/// The object of a mutex; reads from the mutex whether it is recursive or checks errors.
SyncObject& mutex_object(Execution& execution, pthread_mutex_t* mutex, uint32_t pc);
/// Locks as pthread_mutex_lock() does. Returns 0 or its error.
int lock_mutex(Execution& execution, SyncObject& object, const Request& request);
/// Unlocks once. Returns 0, or EPERM for an error-checking mutex of another thread.
int unlock_mutex(Execution& execution, SyncObject& object, uint32_t pc);
/// Gives back the robust mutexes of the current thread, which ends.
void leave_robust_mutexes(Execution& execution);
/// Unlocks completely, however often the current thread has locked it.
void give_back(Execution& execution, SyncObject& object, uint32_t pc);

}  // namespace weave
