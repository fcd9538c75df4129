// Litmus tests: a few threads, a few atomic operations, and the outcomes that the C++20 memory
// model allows. Each file is one test, such as
//
//     LITMUS(sb_relaxed) { ...; return outcome(r1, r2); }
//     ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
//     FORBIDDEN();
//
// Every allowed outcome must be seen, and every outcome that is seen must be allowed; FORBIDDEN
// names those that the test is about. An execution that does not return has one of the named
// outcomes below. The test has the name of its file, without .cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace litmus {

/// What the threads of one execution saw: 1 to 8 numbers, in the order of outcome()'s arguments.
struct Outcome {
    static constexpr int values_max = 8;
    int count = 0;
    int values[values_max] = {};

    constexpr Outcome() = default;
    template <class... Values>
    constexpr Outcome(int first, Values... rest)
        : count(1 + static_cast<int>(sizeof...(rest))), values{first, static_cast<int>(rest)...} {
        static_assert(1 + sizeof...(rest) <= values_max);
    }
    bool operator==(const Outcome&) const = default;
};

/// Outcomes of executions that do not return. No test returns these numbers.
inline constexpr Outcome deadlock{-1000001};
inline constexpr Outcome livelock{-1000002};
inline constexpr Outcome data_race{-1000003};

template <class... Values>
Outcome outcome(Values... values) {
    return Outcome{static_cast<int>(values)...};
}

inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;
inline constexpr auto seq_cst = std::memory_order_seq_cst;

inline void fence(std::memory_order order) { std::atomic_thread_fence(order); }

/// Runs each function in a thread and joins all threads. The call happens after what precedes it
/// and before what follows it.
template <class... Functions>
void concurrently(Functions&&... functions) {
    std::thread threads[] = {std::thread(functions)...};
    for (std::thread& thread : threads) {
        thread.join();
    }
}

using Outcomes = std::vector<Outcome>;

/// A test as litmus_main.cpp sees it.
struct Test {
    const char* name;
    Outcome (*body)();
    Outcomes (*allowed)();
    Outcomes (*forbidden)();
    const char* skipped = nullptr;  ///< why it is not run, or null
};

/// Adds a test to all_tests(); the macros below define one per file.
struct Registration {
    explicit Registration(const Test& test);
};

/// All tests of this executable, sorted by name.
const std::vector<Test>& all_tests();

}  // namespace litmus

// Several files are compiled together; LITMUS_FILE is a different name in each.
#define LITMUS_PASTE(A, B) A##_##B
#define LITMUS_EXPAND(A, B) LITMUS_PASTE(A, B)
#define LITMUS_OWN(A) LITMUS_EXPAND(A, LITMUS_FILE)

// A test of what weave does not model: listed and counted, but not run. WHY is the reason.
#define LITMUS_SKIPPED(NAME, WHY)                                                    \
    using namespace litmus;                                                          \
    static Outcome LITMUS_OWN(body)();                                               \
    static Outcomes LITMUS_OWN(allowed)();                                           \
    static Outcomes LITMUS_OWN(forbidden)();                                         \
    static const Registration LITMUS_OWN(registration){                              \
        {#NAME, LITMUS_OWN(body), LITMUS_OWN(allowed), LITMUS_OWN(forbidden), WHY}}; \
    static Outcome LITMUS_OWN(body)()

#define LITMUS(NAME) LITMUS_SKIPPED(NAME, nullptr)

#define ALLOWED(...)                                                                              \
    static Outcomes LITMUS_OWN(allowed)() { return std::initializer_list<Outcome>{__VA_ARGS__}; } \
    static_assert(true)

#define FORBIDDEN(...)                                      \
    static Outcomes LITMUS_OWN(forbidden)() {               \
        return std::initializer_list<Outcome>{__VA_ARGS__}; \
    }                                                       \
    static_assert(true)
