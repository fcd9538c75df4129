// Waits for an atomic object to change, and what is built on them. All objects that threads wait
// for are aligned: libstdc++ keeps the waiters of 16 classes of addresses apart.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <latch>
#include <semaphore>

#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

struct alignas(64) Flag {
    std::atomic<int> value = 0;
};

long wait_for(std::atomic<int>& word, int expected, const timespec* limit = nullptr) {
    return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, limit, nullptr, 0);
}

long wake(std::atomic<int>& word, int count) {
    return syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

/// A wait that is not repeated, and a store before the wake-up.
Outcome wait_once() {
    Flag flag;
    int result = 0;
    int seen = 0;
    int woken = 0;
    concurrently(
        [&] {
            flag.value.store(1, relaxed);
            woken = static_cast<int>(wake(flag.value, 1));
        },
        [&] {
            result = static_cast<int>(wait_for(flag.value, 0));
            seen = flag.value.load(relaxed);
        });
    return outcome(result, seen, woken);
}

/// No thread wakes the other one.
Outcome no_wake_up() {
    Flag flag;
    concurrently([&] { flag.value.store(1, relaxed); }, [&] { wait_for(flag.value, 0); });
    return outcome(0);
}

/// The wake-up comes before the store: it can be lost.
Outcome wake_up_too_early() {
    Flag flag;
    concurrently(
        [&] {
            wake(flag.value, 1);
            flag.value.store(1, release);
        },
        [&] {
            while (flag.value.load(acquire) == 0) {
                wait_for(flag.value, 0);
            }
        });
    return outcome(0);
}

/// One wake-up for two threads.
template <int Count>
Outcome wake_some_of_two() {
    Flag flag;
    int results[2] = {};
    int woken = 0;
    concurrently([&] { results[0] = static_cast<int>(wait_for(flag.value, 0)); },
                 [&] { results[1] = static_cast<int>(wait_for(flag.value, 0)); },
                 [&] { woken = static_cast<int>(wake(flag.value, Count)); });
    return outcome(results[0], results[1], woken);
}

/// The word changes twice, so a wait can see it as it was, or not.
Outcome changed_twice() {
    Flag flag;
    int result = 0;
    concurrently(
        [&] {
            flag.value.store(1, relaxed);
            wake(flag.value, 1);
            flag.value.store(0, relaxed);
        },
        [&] { result = static_cast<int>(wait_for(flag.value, 0)); });
    return outcome(result);
}

/// The kernel sees the newest value, and orders nothing.
Outcome message() {
    Flag flag;
    std::atomic<int> x = 0;
    int result = 0;
    int seen = 0;
    int later = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            flag.value.store(1, relaxed);
            wake(flag.value, 1);
        },
        [&] {
            result = static_cast<int>(wait_for(flag.value, 0));
            later = flag.value.load(relaxed);
            seen = x.load(relaxed);
        });
    return outcome(result, later, seen);
}

/// Two stores by two threads: which is the newest, and does the wait come between them?
Outcome two_stores() {
    Flag flag;
    int result = 0;
    concurrently(
        [&] {
            flag.value.store(1, relaxed);
            wake(flag.value, 1);
        },
        [&] {
            flag.value.store(0, relaxed);
            wake(flag.value, 1);
        },
        [&] { result = static_cast<int>(wait_for(flag.value, 1)); });
    return outcome(result, flag.value.load(relaxed));
}

/// Two threads count down to a wait of a third one, by RMWs.
template <bool IsOfCxx>
Outcome count_down() {
    Flag flag;
    flag.value.store(2, relaxed);
    const auto arrive = [&] {
        if (flag.value.fetch_sub(1, acq_rel) == 1) {
            if (IsOfCxx) {
                flag.value.notify_all();
            } else {
                wake(flag.value, INT_MAX);
            }
        }
    };
    concurrently(arrive, arrive, [&] {
        for (int value = flag.value.load(acquire); value != 0; value = flag.value.load(acquire)) {
            if (IsOfCxx) {
                flag.value.wait(value, acquire);
            } else {
                wait_for(flag.value, value);
            }
        }
    });
    return outcome(flag.value.load(relaxed));
}

/// A mutex of a word: 0 free, 1 held, 2 held and waited for.
class WordMutex {
  public:
    void lock() {
        int held = 0;
        if (flag_.value.compare_exchange_strong(held, 1, acquire)) {
            return;
        }
        while (flag_.value.exchange(2, acquire) != 0) {
            wait_for(flag_.value, 2);
        }
    }
    void unlock() {
        if (flag_.value.exchange(0, release) == 2) {
            wake(flag_.value, 1);
        }
    }
    /// Does not wake anyone: the other thread can sleep for ever.
    void unlock_in_silence() { flag_.value.store(0, release); }

  private:
    Flag flag_;
};

template <bool IsSilent, int Threads>
Outcome word_mutex() {
    WordMutex mutex;
    int order = 0;
    std::thread threads[Threads];
    for (int i = 0; i < Threads; ++i) {
        threads[i] = std::thread([&, i] {
            mutex.lock();
            order = 10 * order + i + 1;
            if (IsSilent) {
                mutex.unlock_in_silence();
            } else {
                mutex.unlock();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return outcome(order);
}

/// A wait with a limit.
Outcome wait_with_limit() {
    Flag flag;
    int result = 0;
    int error = 0;
    concurrently(
        [&] {
            flag.value.store(1, relaxed);
            wake(flag.value, 1);
        },
        [&] {
            const timespec limit{1, 0};
            result = static_cast<int>(wait_for(flag.value, 0, &limit));
            error = result == 0 ? 0 : errno;
        });
    return outcome(result, error);
}

/// A flag is set, but the other thread is not told.
Outcome not_notified() {
    Flag flag;
    concurrently([&] { flag.value.store(1, release); }, [&] { flag.value.wait(0, acquire); });
    return outcome(flag.value.load(relaxed));
}

Outcome notified() {
    Flag flag;
    int data = 0;
    int seen = 0;
    concurrently(
        [&] {
            data = 1;
            flag.value.store(1, release);
            flag.value.notify_one();
        },
        [&] {
            flag.value.wait(0, acquire);
            seen = data;
        });
    return outcome(seen);
}

/// The flag is a byte, so the threads wait for the version that libstdc++ keeps.
Outcome byte_notified() {
    struct alignas(64) Byte {
        std::atomic_flag value;
    };
    Byte flag;
    int data = 0;
    int seen = 0;
    concurrently(
        [&] {
            data = 1;
            flag.value.test_and_set(release);
            flag.value.notify_one();
        },
        [&] {
            flag.value.wait(false, acquire);
            seen = data;
        });
    return outcome(seen);
}

template <int Threads>
Outcome semaphore() {
    struct alignas(64) Aligned {
        std::counting_semaphore<4> value{0};
    };
    Aligned semaphore;
    std::thread threads[Threads];
    for (std::thread& thread : threads) {
        thread = std::thread([&] { semaphore.value.acquire(); });
    }
    semaphore.value.release(Threads);
    for (std::thread& thread : threads) {
        thread.join();
    }
    return outcome(semaphore.value.try_acquire());
}

Outcome latch_of_two() {
    struct alignas(64) Aligned {
        std::latch value{2};
    };
    Aligned latch;
    int data[2] = {};
    int seen[2] = {};
    const auto meet = [&](int i) {
        data[i] = 1;
        latch.value.arrive_and_wait();
        seen[i] = data[1 - i];
    };
    concurrently([&] { meet(0); }, [&] { meet(1); });
    return outcome(seen[0], seen[1]);
}

Outcomes any_of_them() { return {}; }

const Registration futexes[] = {
    Registration({"futex_wait_once", wait_once, any_of_them, any_of_them}),
    Registration({"futex_no_wake_up", no_wake_up, any_of_them, any_of_them}),
    Registration({"futex_wake_up_too_early", wake_up_too_early, any_of_them, any_of_them}),
    Registration({"futex_wake_one_of_two", wake_some_of_two<1>, any_of_them, any_of_them}),
    Registration({"futex_wake_two_of_two", wake_some_of_two<2>, any_of_them, any_of_them}),
    Registration({"futex_changed_twice", changed_twice, any_of_them, any_of_them}),
    Registration({"futex_message", message, any_of_them, any_of_them}),
    Registration({"futex_two_stores", two_stores, any_of_them, any_of_them}),
    Registration({"futex_count_down", count_down<false>, any_of_them, any_of_them}),
    Registration({"futex_mutex", word_mutex<false, 2>, any_of_them, any_of_them}),
    Registration({"futex_mutex_silent", word_mutex<true, 2>, any_of_them, any_of_them}),
    Registration({"futex_limit", wait_with_limit, any_of_them, any_of_them}),
    Registration({"wait_count_down", count_down<true>, any_of_them, any_of_them}),
    Registration({"wait_not_notified", not_notified, any_of_them, any_of_them}),
    Registration({"wait_notified", notified, any_of_them, any_of_them}),
    Registration({"wait_byte_notified", byte_notified, any_of_them, any_of_them}),
    Registration({"semaphore_of_1", semaphore<1>, any_of_them, any_of_them}),
    Registration({"latch_of_2", latch_of_two, any_of_them, any_of_them})};

}  // namespace
