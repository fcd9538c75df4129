// The functions that C++ code calls where C code calls the C library's of a similar name:
// weave_atomics.h renames them. C++ lets std::mutex::try_lock() fail for no reason
// ([thread.mutex.requirements.mutex]), and forbids a thread to take a shared lock twice
// ([thread.sharedmutex.requirements]); POSIX has other rules.
//
// An object that a pthread init function has initialised follows POSIX in C++ code too.
#pragma once

#include <pthread.h>

extern "C" {
int __weave_cxx_mutex_trylock(pthread_mutex_t* mutex) noexcept;
/// mtx_trylock(), which may fail for no reason too (C17 7.26.4.5).
int __weave_c11_mutex_trylock(pthread_mutex_t* mutex) noexcept;
int __weave_cxx_rwlock_rdlock(pthread_rwlock_t* lock) noexcept;
int __weave_cxx_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept;
int __weave_cxx_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept;
}
