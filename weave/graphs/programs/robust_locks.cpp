// Robust mutexes: the owner ends, and the next thread is told.
#include <pthread.h>

#include <cerrno>

#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

struct RobustMutex {
    RobustMutex() {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        pthread_mutex_init(&mutex, &attributes);
    }
    int lock() { return pthread_mutex_lock(&mutex); }
    void unlock() { pthread_mutex_unlock(&mutex); }
    pthread_mutex_t mutex;
};

/// An owner that ends, and two threads that lock. The first of them makes the mutex consistent, or
/// not, and then the other one cannot have it.
template <bool Mends>
Outcome owner_ends() {
    RobustMutex mutex;
    int x = 0;
    int errors[2] = {};
    const auto use = [&](int& error) {
        error = mutex.lock();
        if (error == EOWNERDEAD && Mends) {
            pthread_mutex_consistent(&mutex.mutex);
        }
        if (error != ENOTRECOVERABLE) {
            ++x;
            mutex.unlock();
        }
    };
    concurrently(
        [&] {
            if (mutex.lock() == 0) {
                ++x;
            }
        },
        [&] { use(errors[0]); }, [&] { use(errors[1]); });
    return outcome(errors[0], errors[1], x);
}

/// The owner ends while the other one tries.
Outcome tries_until_owner_ends() {
    RobustMutex mutex;
    int x = 0;
    int error = 0;
    concurrently(
        [&] {
            mutex.lock();
            x = 1;
        },
        [&] {
            int result;
            do {
                result = pthread_mutex_trylock(&mutex.mutex);
            } while (result == EBUSY);
            if (result == EOWNERDEAD) {
                pthread_mutex_consistent(&mutex.mutex);
                x = 2;
            }
            mutex.unlock();
            error = result;
        });
    return outcome(error);
}

/// Two locks of one owner, which are given back one after the other.
Outcome two_of_one_owner() {
    RobustMutex first;
    RobustMutex second;
    int errors[2] = {};
    concurrently(
        [&] {
            first.lock();
            second.lock();
        },
        [&] {
            errors[0] = first.lock();
            errors[1] = second.lock();
            second.unlock();
            first.unlock();
        });
    return outcome(errors[0], errors[1]);
}

Outcomes what_may_come() { return {}; }

const Registration robust[] = {
    Registration({"robust_mended", owner_ends<true>, what_may_come, what_may_come}),
    Registration({"robust_lost", owner_ends<false>, what_may_come, what_may_come}),
    Registration({"robust_tried", tries_until_owner_ends, what_may_come, what_may_come}),
    Registration({"robust_two", two_of_one_owner, what_may_come, what_may_come})};

}  // namespace
