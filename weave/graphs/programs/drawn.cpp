// Programs that are drawn from a seed: two or three threads, each of a few operations on two atomic
// objects and a mutex, with any memory orders. Some also wait and wake on the objects as futexes.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mutex>
#include <utility>

#include "../../litmus/litmus.h"
#include "../draw.h"

namespace {

using namespace litmus;

std::memory_order of_load(Draw& draw) {
    constexpr std::memory_order orders[] = {relaxed, acquire, seq_cst};
    return orders[draw.below(3)];
}

std::memory_order of_store(Draw& draw) {
    constexpr std::memory_order orders[] = {relaxed, release, seq_cst};
    return orders[draw.below(3)];
}

std::memory_order of_change(Draw& draw) {
    constexpr std::memory_order orders[] = {relaxed, acquire, release, acq_rel, seq_cst};
    return orders[draw.below(5)];
}

/// An operation on an object. Returns what it reads, or 0.
int operate(Draw& draw, std::atomic<int>& object, int own) {
    switch (draw.below(10)) {
        case 0:
        case 1:
        case 2:
            return object.load(of_load(draw));
        case 3:
        case 4:
        case 5:
            object.store(own, of_store(draw));
            return 0;
        case 6:
            return object.fetch_add(own, of_change(draw));
        case 7: {
            int expected = static_cast<int>(draw.below(2)) * 3;
            const std::memory_order order = of_change(draw);
            object.compare_exchange_strong(expected, own, order);
            return expected;
        }
        case 8: {
            int expected = 0;
            const std::memory_order order = of_change(draw);
            return object.compare_exchange_weak(expected, own, order) ? -1 : expected;
        }
        default: {
            constexpr std::memory_order orders[] = {acquire, release, acq_rel, seq_cst};
            fence(orders[draw.below(4)]);
            return 0;
        }
    }
}

/// A wait for the initial value to change, for a value that a thread may store, or a wake-up.
int use_futex(Draw& draw, std::atomic<int>& object) {
    if (draw.below(5) < 2) {
        const unsigned count = 1 + draw.below(2);
        return static_cast<int>(
            syscall(SYS_futex, &object, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0));
    }
    const unsigned expected = draw.below(3) == 0 ? 1 + draw.below(6) : 0;
    return 3 + static_cast<int>(
                   syscall(SYS_futex, &object, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0));
}

/// The operations of a thread. Returns what it has read, in one number.
template <bool UsesFutexes>
int run(uint32_t seed, unsigned thread, unsigned length, Objects& objects) {
    Draw draw(seed * 8 + thread);
    int seen = 0;
    for (unsigned i = 0; i < length; ++i) {
        const int own = static_cast<int>(1 + 3 * thread + i);
        std::atomic<int>& object = draw.below(2) == 0 ? objects.x : objects.y;
        if (UsesFutexes && draw.below(5) < 2) {
            seen = seen * 20 + use_futex(draw, object);
        } else if (draw.below(8) == 0) {
            if (draw.below(3) == 0) {
                if (objects.mutex.try_lock()) {
                    seen = seen * 20 + operate(draw, object, own);
                    objects.mutex.unlock();
                }
            } else {
                const std::lock_guard guard(objects.mutex);
                seen = seen * 20 + operate(draw, object, own);
            }
        } else {
            seen = seen * 20 + operate(draw, object, own);
        }
    }
    return seen;
}

template <uint32_t Seed, bool UsesFutexes>
Outcome drawn() {
    Objects objects;
    int seen[3] = {};
    const unsigned length = Seed % 3 == 0 ? 2 : 3;
    {
        std::thread threads[3];
        for (unsigned i = 0; i < (Seed % 3 == 0 ? 3u : 2u); ++i) {
            threads[i] =
                std::thread([&, i] { seen[i] = run<UsesFutexes>(Seed, i, length, objects); });
        }
        for (std::thread& thread : threads) {
            if (thread.joinable()) {
                thread.join();
            }
        }
    }
    return outcome(seen[0], seen[1], seen[2], objects.x.load(relaxed), objects.y.load(relaxed));
}

Outcomes none() { return {}; }

/// The name of a program, such as "drawn_007"; the seventh with futexes is "drawn_f07".
template <uint32_t Seed, bool UsesFutexes>
const char* name() {
    static const char text[] = {'d',
                                'r',
                                'a',
                                'w',
                                'n',
                                '_',
                                UsesFutexes ? 'f' : static_cast<char>('0' + Seed / 100),
                                static_cast<char>('0' + Seed / 10 % 10),
                                static_cast<char>('0' + Seed % 10),
                                '\0'};
    return text;
}

template <uint32_t... Seeds>
void add_all(std::integer_sequence<uint32_t, Seeds...>) {
    static const Registration all[] = {
        Registration({name<Seeds + 1, false>(), drawn<Seeds + 1, false>, none, none})...};
    static_cast<void>(all);
}

template <uint32_t... Seeds>
void add_futexes(std::integer_sequence<uint32_t, Seeds...>) {
    static const Registration all[] = {
        Registration({name<Seeds + 1, true>(), drawn<Seeds + 1, true>, none, none})...};
    static_cast<void>(all);
}

[[maybe_unused]] const bool are_added =
    (add_all(std::make_integer_sequence<uint32_t, 100>{}),
     add_futexes(std::make_integer_sequence<uint32_t, 99>{}), true);

}  // namespace
