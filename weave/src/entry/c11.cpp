// C11's <threads.h>: defines thrd_*, mtx_*, cnd_*, tss_* and call_once() of the C library by calls
// of the pthread functions. In glibc the types of both are the same.
#include <pthread.h>
#include <threads.h>
#include <time.h>

#include <bit>
#include <cerrno>
#include <cstdint>

#include "entry/cxx.h"

namespace {

int status_of(int error) {
    switch (error) {
        case 0:
            return thrd_success;
        case ENOMEM:
            return thrd_nomem;
        case EBUSY:
            return thrd_busy;
        case ETIMEDOUT:
            return thrd_timedout;
        default:
            return thrd_error;
    }
}

pthread_mutex_t* lock_of(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* condition_of(cnd_t* condition) {
    return reinterpret_cast<pthread_cond_t*>(condition);
}
void* to_pointer(int result) { return reinterpret_cast<void*>(static_cast<intptr_t>(result)); }

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t start, void* argument) {
    // The function returns an int, in the low half of the register in which a pointer is returned.
    return status_of(
        pthread_create(thread, nullptr, std::bit_cast<void* (*)(void*)>(start), argument));
}

int thrd_join(thrd_t thread, int* result) {
    void* from_thread = nullptr;
    const int error = pthread_join(thread, &from_thread);
    if (result != nullptr) {
        *result = static_cast<int>(reinterpret_cast<intptr_t>(from_thread));
    }
    return status_of(error);
}

int thrd_detach(thrd_t thread) { return status_of(pthread_detach(thread)); }
thrd_t thrd_current() { return pthread_self(); }
void thrd_yield() { sched_yield(); }
int thrd_sleep(const timespec* time, timespec* left) { return nanosleep(time, left); }
void thrd_exit(int result) { pthread_exit(to_pointer(result)); }

int mtx_init(mtx_t* mutex, int type) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(
        &attributes, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    return status_of(pthread_mutex_init(lock_of(mutex), &attributes));
}
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(lock_of(mutex)); }
int mtx_lock(mtx_t* mutex) { return status_of(pthread_mutex_lock(lock_of(mutex))); }
int mtx_trylock(mtx_t* mutex) { return status_of(__weave_c11_mutex_trylock(lock_of(mutex))); }
int mtx_timedlock(mtx_t* mutex, const timespec* until) {
    return status_of(pthread_mutex_timedlock(lock_of(mutex), until));
}
int mtx_unlock(mtx_t* mutex) { return status_of(pthread_mutex_unlock(lock_of(mutex))); }

int cnd_init(cnd_t* condition) {
    return status_of(pthread_cond_init(condition_of(condition), nullptr));
}
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(condition_of(condition)); }
int cnd_signal(cnd_t* condition) { return status_of(pthread_cond_signal(condition_of(condition))); }
int cnd_broadcast(cnd_t* condition) {
    return status_of(pthread_cond_broadcast(condition_of(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    return status_of(pthread_cond_wait(condition_of(condition), lock_of(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    return status_of(pthread_cond_timedwait(condition_of(condition), lock_of(mutex), until));
}

int tss_create(tss_t* key, tss_dtor_t destructor) {
    return status_of(pthread_key_create(key, destructor));
}
void tss_delete(tss_t key) { pthread_key_delete(key); }
void* tss_get(tss_t key) { return pthread_getspecific(key); }
int tss_set(tss_t key, void* value) { return status_of(pthread_setspecific(key, value)); }

void call_once(once_flag* flag, void (*function)()) {
    pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}
}
