// Threads that begin alike, and threads that only seem to: for symmetry_tests. The second kind has
// names that begin with "apart".
#include <pthread.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <semaphore>
#include <utility>

#include "../../litmus/litmus.h"
#include "../draw.h"
#include "../note.h"

namespace {

using namespace litmus;

/// Runs a function in some threads, and another one in one more. Joins all of them.
template <int Twins, class Function, class Other>
void run_twins_and(Function function, Other other) {
    std::thread threads[Twins + 1];
    for (int i = 0; i < Twins; ++i) {
        threads[i] = std::thread(function);
    }
    threads[Twins] = std::thread(other);
    for (std::thread& thread : threads) {
        thread.join();
    }
}

template <int Twins, class Function>
void run_twins(Function function) {
    std::thread threads[Twins];
    for (std::thread& thread : threads) {
        thread = std::thread(function);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

// ----- twins -------------------------------------------------------------------------------------

template <int Twins>
Outcome add() {
    std::atomic<int> x = 0;
    run_twins<Twins>([&] { note_seen(x.fetch_add(1, relaxed)); });
    return outcome(x.load(relaxed));
}

template <int Twins>
Outcome lock() {
    std::mutex mutex;
    int count = 0;
    run_twins<Twins>([&] {
        const std::lock_guard guard(mutex);
        note_seen(count++);
    });
    return outcome(count);
}

template <std::memory_order Order>
Outcome store_and_load() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    run_twins<2>([&] {
        x.store(1, Order);
        note_seen(y.load(Order));
        y.store(2, Order);
    });
    return outcome(x.load(relaxed), y.load(relaxed));
}

Outcome stores() {
    std::atomic<int> x = 0;
    run_twins<3>([&] { x.store(1, relaxed); });
    return outcome(x.load(relaxed));
}

Outcome compare_exchange() {
    std::atomic<int> x = 0;
    run_twins<3>([&] {
        int seen = x.load(relaxed);
        while (!x.compare_exchange_strong(seen, seen + 1, relaxed)) {
        }
        note_seen(seen);
    });
    return outcome(x.load(relaxed));
}

Outcome weak_compare_exchange() {
    std::atomic<int> x = 0;
    run_twins<2>([&] {
        int seen = 0;
        note_seen(x.compare_exchange_weak(seen, seen + 1, relaxed) ? 10 : seen);
    });
    return outcome(x.load(relaxed));
}

Outcome readers() {
    std::atomic<int> x = 0;
    run_twins_and<3>([&] { note_seen(2 * x.load(relaxed) + x.load(relaxed)); },
                     [&] { x.store(1, relaxed); });
    return outcome(0);
}

/// Each adds to the object that the others read, so that what one reads may come from another.
Outcome read_from_each_other() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    run_twins_and<2>(
        [&] {
            const int first = x.load(relaxed);
            const int second = y.load(relaxed);
            y.store(first + 1, relaxed);
            note_seen(10 * first + second);
        },
        [&] {
            if (y.load(relaxed) != 0) {
                x.store(3, relaxed);
            }
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}

/// One twin reads 1, and only then 2 is stored, in a place before 1. The other one reads that.
Outcome older_store_comes_later() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::thread writer([&] { x.store(1, relaxed); });
    run_twins_and<2>(
        [&] {
            const int seen = x.load(relaxed);
            if (seen == 1) {
                y.store(1, relaxed);
            }
            note_seen(seen);
        },
        [&] {
            if (y.load(relaxed) == 1) {
                x.store(2, relaxed);
            }
        });
    writer.join();
    return outcome(x.load(relaxed));
}

/// The same, but only the order S puts the second store after the first twin's load.
Outcome older_store_comes_later_in_s() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::thread writer([&] { x.store(1, relaxed); });
    run_twins_and<2>(
        [&] {
            const int first = x.load(relaxed);
            note_seen(10 * first + y.load(seq_cst));
        },
        [&] {
            y.store(1, seq_cst);
            x.store(2, relaxed);
        });
    writer.join();
    return outcome(x.load(relaxed));
}

Outcome spin_lock() {
    std::atomic_flag flag = ATOMIC_FLAG_INIT;
    int count = 0;
    run_twins<2>([&] {
        while (flag.test_and_set(acquire)) {
        }
        note_seen(count++);
        flag.clear(release);
    });
    return outcome(count);
}

Outcome conditions() {
    std::mutex mutex;
    std::condition_variable changed;
    int left = 0;
    run_twins_and<2>(
        [&] {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return left != 0; });
            note_seen(left--);
        },
        [&] {
            const std::lock_guard guard(mutex);
            left = 2;
            changed.notify_all();
        });
    return outcome(left);
}

Outcome semaphores() {
    std::counting_semaphore<> free(1);
    std::atomic<int> inside = 0;
    run_twins<2>([&] {
        free.acquire();
        note_seen(inside.fetch_add(1, relaxed));
        free.release();
    });
    return outcome(inside.load(relaxed));
}

Outcome once() {
    std::once_flag flag;
    std::atomic<int> calls = 0;
    run_twins<3>([&] {
        std::call_once(flag, [&] { calls.fetch_add(1, relaxed); });
        note_seen(calls.load(relaxed));
    });
    return outcome(calls.load(relaxed));
}

Outcome two_groups() {
    std::atomic<int> x = 0;
    std::thread threads[4];
    for (int i = 0; i < 2; ++i) {
        threads[i] = std::thread([&] { note_seen(x.fetch_add(1, relaxed)); });
    }
    for (int i = 2; i < 4; ++i) {
        threads[i] = std::thread([&] { note_seen(100 + x.load(relaxed)); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return outcome(x.load(relaxed));
}

/// The same number as argument, and a function without captures.
Outcome plain_functions() {
    static std::atomic<int>* counter = nullptr;
    std::atomic<int> x = 0;
    counter = &x;
    const auto start = [](void* argument) -> void* {
        note_seen(counter->fetch_add(1, relaxed));
        return argument;
    };
    pthread_t threads[3];
    for (pthread_t& thread : threads) {
        pthread_create(&thread, nullptr, start, nullptr);
    }
    for (const pthread_t thread : threads) {
        pthread_join(thread, nullptr);
    }
    return outcome(x.load(relaxed));
}

/// One of them comes to a race, in one order of both only.
Outcome race_of_second() {
    std::atomic<int> x = 0;
    int plain = 0;
    run_twins_and<2>(
        [&] {
            if (x.fetch_add(1, relaxed) == 1) {
                plain = 1;
            }
        },
        [&] { note_seen(plain); });
    return outcome(0);
}

// ----- threads that only seem to be twins --------------------------------------------------------

Outcome other_argument() {
    std::atomic<int> x = 0;
    std::thread threads[2];
    for (int i = 0; i < 2; ++i) {
        threads[i] = std::thread([&x, i] { note_seen(10 * i + x.fetch_add(1, relaxed)); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return outcome(x.load(relaxed));
}

Outcome event_between_starts() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    const auto function = [&] {
        const int before = y.load(relaxed);
        note_seen(10 * before + x.fetch_add(1, relaxed));
    };
    std::thread first(function);
    y.store(1, relaxed);
    std::thread second(function);
    first.join();
    second.join();
    return outcome(x.load(relaxed));
}

/// If the first thread adds last it reads what has been written after its start: a race. The second
/// one may read it.
Outcome write_between_starts() {
    std::atomic<int> x = 0;
    int plain = 0;
    const auto function = [&] {
        if (x.fetch_add(1, relaxed) == 1) {
            note_seen(plain);
        }
    };
    std::thread first(function);
    plain = 1;
    std::thread second(function);
    first.join();
    second.join();
    return outcome(plain);
}

Outcome event_between_joins() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    const auto function = [&] { note_seen(10 * x.fetch_add(1, relaxed) + y.load(relaxed)); };
    std::thread first(function);
    std::thread second(function);
    first.join();
    const int joined = x.load(relaxed);
    y.store(1, relaxed);
    second.join();
    return outcome(joined);
}

/// The first thread may be read once it has ended. If the second one writes, that is a race.
Outcome read_between_joins() {
    std::atomic<int> x = 0;
    int plain = 0;
    const auto function = [&] {
        if (x.fetch_add(1, relaxed) == 0) {
            plain = 1;
        }
    };
    std::thread first(function);
    std::thread second(function);
    first.join();
    const int seen = plain;
    second.join();
    return outcome(seen);
}

Outcome only_one_is_waited_for() {
    std::atomic<int> x = 0;
    const auto function = [&] { x.fetch_add(1, relaxed); };
    std::thread first(function);
    std::thread second(function);
    second.join();
    const int seen = x.load(relaxed);
    first.join();
    return outcome(seen);
}

Outcome asks_who_it_is() {
    std::atomic<int> x = 0;
    std::atomic<std::thread::id> first_to_come{};
    const auto function = [&] {
        if (x.fetch_add(1, relaxed) == 0) {
            first_to_come.store(std::this_thread::get_id(), relaxed);
        }
    };
    std::thread first(function);
    std::thread second(function);
    const std::thread::id id = first.get_id();
    first.join();
    second.join();
    return outcome(first_to_come.load(relaxed) == id);
}

/// Each writes to a block of its own, which holds the same at first.
Outcome argument_is_kept() {
    struct Argument {
        std::atomic<int>* x;
        int result;
    };
    std::atomic<int> x = 0;
    Argument* arguments[2];
    pthread_t threads[2];
    const auto start = [](void* given) -> void* {
        auto* const argument = static_cast<Argument*>(given);
        argument->result = argument->x->fetch_add(1, relaxed);
        return nullptr;
    };
    for (Argument*& argument : arguments) {
        argument = static_cast<Argument*>(std::malloc(sizeof(Argument)));
        *argument = {&x, 0};
    }
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], nullptr, start, arguments[i]);
    }
    for (const pthread_t thread : threads) {
        pthread_join(thread, nullptr);
    }
    const Outcome seen = outcome(arguments[0]->result, arguments[1]->result);
    for (Argument* const argument : arguments) {
        std::free(argument);
    }
    return seen;
}

/// The creator stores to the argument of one of them, which that frees.
Outcome argument_is_used_by_others() {
    struct Argument {
        std::atomic<int>* x;
        std::atomic<int> told;
    };
    std::atomic<int> x = 0;
    Argument* arguments[2];
    pthread_t threads[2];
    const auto start = [](void* given) -> void* {
        auto* const argument = static_cast<Argument*>(given);
        const int number = argument->x->fetch_add(1, relaxed);
        while (argument->told.load(acquire) == 0) {
        }
        note_seen(10 * number + argument->told.load(relaxed));
        delete argument;
        return nullptr;
    };
    for (Argument*& argument : arguments) {
        argument = new Argument{&x, 0};
    }
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], nullptr, start, arguments[i]);
    }
    arguments[0]->told.store(1, release);
    arguments[1]->told.store(2, release);
    for (const pthread_t thread : threads) {
        pthread_join(thread, nullptr);
    }
    return outcome(x.load(relaxed));
}

Outcome start_threads() {
    std::atomic<int> x = 0;
    run_twins<2>([&] {
        std::thread child([&] { note_seen(x.fetch_add(1, relaxed)); });
        note_seen(10 + x.load(relaxed));
        child.join();
    });
    return outcome(x.load(relaxed));
}

// ----- drawn -------------------------------------------------------------------------------------

/// Without sequentially consistent orders if `IsWeak`, of which a search with less symmetry begins.
template <bool IsWeak>
std::memory_order order_of(Draw& draw, std::memory_order one, std::memory_order two) {
    const unsigned drawn = draw.below(IsWeak ? 4 : 5);
    return drawn == 4 ? seq_cst : drawn == 3 ? two : drawn == 2 ? one : relaxed;
}

/// An operation. What it stores depends on what the thread has seen.
template <bool IsWeak>
int operate(Draw& draw, std::atomic<int>& object, int value) {
    switch (draw.below(8)) {
        case 0:
        case 1:
        case 2:
            return object.load(order_of<IsWeak>(draw, acquire, acquire));
        case 3:
        case 4:
            object.store(value, order_of<IsWeak>(draw, release, release));
            return 0;
        case 5:
            return object.fetch_add(value, order_of<IsWeak>(draw, acq_rel, release));
        case 6: {
            int expected = static_cast<int>(draw.below(2));
            const std::memory_order order = order_of<IsWeak>(draw, acq_rel, acquire);
            const bool is_weak = draw.below(3) == 0;
            const bool has_stored = is_weak
                                        ? object.compare_exchange_weak(expected, value, order)
                                        : object.compare_exchange_strong(expected, value, order);
            return has_stored ? 5 : expected;
        }
        default:
            fence(order_of<IsWeak>(draw, acq_rel, release) == relaxed ? acquire : release);
            return 0;
    }
}

template <bool IsWeak>
void run(uint32_t seed, unsigned length, Objects& objects) {
    Draw draw(seed);
    int seen = 0;
    for (unsigned i = 0; i < length; ++i) {
        const int value = static_cast<int>(1 + i) + (draw.below(2) == 0 ? 0 : seen % 3);
        std::atomic<int>& object = draw.below(2) == 0 ? objects.x : objects.y;
        if (draw.below(8) == 0) {
            const std::lock_guard guard(objects.mutex);
            seen = seen * 10 + operate<IsWeak>(draw, object, value);
        } else {
            seen = seen * 10 + operate<IsWeak>(draw, object, value);
        }
    }
    note_seen(seen);
}

/// Two or three twins, and perhaps one thread that is none.
template <uint32_t Seed, bool IsWeak>
Outcome drawn() {
    Objects objects;
    constexpr int twins = Seed % 4 == 0 ? 3 : 2;
    constexpr unsigned length = twins == 3 ? 2 : 3;
    const auto twin = [&] { run<IsWeak>(2 * Seed, length, objects); };
    if (Seed % 3 == 0) {
        run_twins<twins>(twin);
    } else {
        run_twins_and<twins>(twin, [&] { run<IsWeak>(2 * Seed + 1, 2, objects); });
    }
    return outcome(objects.x.load(relaxed), objects.y.load(relaxed));
}

Outcomes none() { return {}; }

/// The name of a drawn program, such as "twins_w07", or "twins_s07" with all orders.
template <uint32_t Seed, bool IsWeak>
const char* name() {
    static const char text[] = {'t',
                                'w',
                                'i',
                                'n',
                                's',
                                '_',
                                IsWeak ? 'w' : 's',
                                static_cast<char>('0' + Seed / 10 % 10),
                                static_cast<char>('0' + Seed % 10),
                                '\0'};
    return text;
}

template <uint32_t... Seeds>
void add_drawn(std::integer_sequence<uint32_t, Seeds...>) {
    static const Registration all[] = {
        Registration({name<Seeds + 1, true>(), drawn<Seeds + 1, true>, none, none})...,
        Registration({name<Seeds + 1, false>(), drawn<Seeds + 1, false>, none, none})...};
    static_cast<void>(all);
}

[[maybe_unused]] const bool are_added =
    (add_drawn(std::make_integer_sequence<uint32_t, 60>{}), true);

const Registration all[] = {
    Registration({"twins_add_2", add<2>, none, none}),
    Registration({"twins_add_3", add<3>, none, none}),
    Registration({"twins_add_4", add<4>, none, none}),
    Registration({"twins_lock_2", lock<2>, none, none}),
    Registration({"twins_lock_3", lock<3>, none, none}),
    Registration({"twins_lock_4", lock<4>, none, none}),
    Registration({"twins_store_and_load", store_and_load<relaxed>, none, none}),
    Registration({"twins_store_and_load_seq_cst", store_and_load<seq_cst>, none, none}),
    Registration({"twins_stores", stores, none, none}),
    Registration({"twins_compare_exchange", compare_exchange, none, none}),
    Registration({"twins_weak_compare_exchange", weak_compare_exchange, none, none}),
    Registration({"twins_readers", readers, none, none}),
    Registration({"twins_read_from_each_other", read_from_each_other, none, none}),
    Registration({"twins_older_store_comes_later", older_store_comes_later, none, none}),
    Registration({"twins_older_store_comes_later_in_s", older_store_comes_later_in_s, none, none}),
    Registration({"twins_spin_lock", spin_lock, none, none}),
    Registration({"twins_conditions", conditions, none, none}),
    Registration({"twins_semaphores", semaphores, none, none}),
    Registration({"twins_once", once, none, none}),
    Registration({"twins_two_groups", two_groups, none, none}),
    Registration({"twins_plain_functions", plain_functions, none, none}),
    Registration({"twins_race_of_second", race_of_second, none, none}),
    Registration({"apart_other_argument", other_argument, none, none}),
    Registration({"apart_event_between_starts", event_between_starts, none, none}),
    Registration({"apart_write_between_starts", write_between_starts, none, none}),
    Registration({"apart_event_between_joins", event_between_joins, none, none}),
    Registration({"apart_read_between_joins", read_between_joins, none, none}),
    Registration({"apart_only_one_is_waited_for", only_one_is_waited_for, none, none}),
    Registration({"apart_asks_who_it_is", asks_who_it_is, none, none}),
    Registration({"apart_argument_is_kept", argument_is_kept, none, none}),
    Registration({"apart_argument_is_used_by_others", argument_is_used_by_others, none, none}),
    Registration({"apart_start_threads", start_threads, none, none})};

}  // namespace
