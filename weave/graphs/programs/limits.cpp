// Locks with a limit in time that is far away: it is reached only if the lock is not free.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>

#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

constexpr timespec far_away{4'000'000'000, 0};

/// A holder that stores while the other thread waits.
Outcome mutex_with_limit() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int x = 0;
    int error = 0;
    int seen = -1;
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            x = 1;
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            error = pthread_mutex_timedlock(&mutex, &far_away);
            if (error == 0) {
                seen = x;
                pthread_mutex_unlock(&mutex);
            }
        });
    return outcome(error, seen);
}

/// Both wait with a limit, for two locks in opposite orders: that is not a deadlock.
Outcome opposite_orders() {
    pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
    int errors[2] = {};
    const auto lock_both = [&](pthread_mutex_t& a, pthread_mutex_t& b, int& error) {
        pthread_mutex_lock(&a);
        error = pthread_mutex_timedlock(&b, &far_away);
        if (error == 0) {
            pthread_mutex_unlock(&b);
        }
        pthread_mutex_unlock(&a);
    };
    concurrently([&] { lock_both(first, second, errors[0]); },
                 [&] { lock_both(second, first, errors[1]); });
    return outcome(errors[0], errors[1]);
}

/// One of them has no limit, and gets its lock once the other one has given up.
Outcome one_without_limit() {
    pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
    int error = 0;
    concurrently(
        [&] {
            pthread_mutex_lock(&first);
            error = pthread_mutex_timedlock(&second, &far_away);
            if (error == 0) {
                pthread_mutex_unlock(&second);
            }
            pthread_mutex_unlock(&first);
        },
        [&] {
            pthread_mutex_lock(&second);
            pthread_mutex_lock(&first);
            pthread_mutex_unlock(&first);
            pthread_mutex_unlock(&second);
        });
    return outcome(error);
}

/// A lock with a limit that is got, and then a wait for ever: a deadlock, which the other thread's
/// limit does not end.
Outcome waits_for_ever_after() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    int error = 0;
    concurrently(
        [&] {
            if (pthread_mutex_timedlock(&mutex, &far_away) == 0) {
                sem_wait(&semaphore);
                pthread_mutex_unlock(&mutex);
            }
        },
        [&] {
            error = pthread_mutex_timedlock(&mutex, &far_away);
            if (error == 0) {
                pthread_mutex_unlock(&mutex);
            }
        });
    sem_destroy(&semaphore);
    return outcome(error);
}

template <int Units>
Outcome semaphore_with_limit() {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    int errors[2] = {};
    const auto take = [&](int& error) {
        error = sem_timedwait(&semaphore, &far_away) == 0 ? 0 : errno;
    };
    concurrently(
        [&] {
            for (int i = 0; i < Units; ++i) {
                sem_post(&semaphore);
            }
        },
        [&] { take(errors[0]); }, [&] { take(errors[1]); });
    int left = 0;
    sem_getvalue(&semaphore, &left);
    sem_destroy(&semaphore);
    return outcome(errors[0], errors[1], left);
}

/// A reader and a writer.
Outcome shared_with_limit() {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    int x = 0;
    int errors[2] = {};
    int seen = -1;
    concurrently(
        [&] {
            errors[0] = pthread_rwlock_timedwrlock(&lock, &far_away);
            if (errors[0] == 0) {
                x = 1;
                pthread_rwlock_unlock(&lock);
            }
        },
        [&] {
            errors[1] = pthread_rwlock_timedrdlock(&lock, &far_away);
            if (errors[1] == 0) {
                seen = x;
                pthread_rwlock_unlock(&lock);
            }
        });
    return outcome(errors[0], errors[1], seen);
}

/// Counts the waits that end by their limits: each of them differs from the one before.
Outcome gives_up_after_two() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    int is_set = 0;
    int waits = 0;
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            is_set = 1;
            pthread_cond_signal(&changed);
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            pthread_mutex_lock(&mutex);
            int count = 0;
            while (is_set == 0 && count < 2) {
                count += pthread_cond_timedwait(&changed, &mutex, &far_away) != 0 ? 1 : 0;
            }
            pthread_mutex_unlock(&mutex);
            waits = count;
        });
    return outcome(waits);
}

Outcomes all_that_come() { return {}; }

const Registration limits[] = {
    Registration({"limit_of_mutex", mutex_with_limit, all_that_come, all_that_come}),
    Registration({"limit_in_opposite_orders", opposite_orders, all_that_come, all_that_come}),
    Registration({"limit_of_one", one_without_limit, all_that_come, all_that_come}),
    Registration({"limit_and_deadlock", waits_for_ever_after, all_that_come, all_that_come}),
    Registration({"limit_of_semaphore", semaphore_with_limit<1>, all_that_come, all_that_come}),
    Registration(
        {"limit_of_semaphore_twice", semaphore_with_limit<2>, all_that_come, all_that_come}),
    Registration({"limit_twice_in_a_row", gives_up_after_two, all_that_come, all_that_come}),
    Registration({"limit_of_shared", shared_with_limit, all_that_come, all_that_come})};

}  // namespace
