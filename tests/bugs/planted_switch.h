// The faults of a copy of the product, of which one is chosen when a program of the copy runs.
// Their places in the copy ask ::pto_planted::is(NAME).
//
//   MAILPROOF_FAULT=NAME            chooses one; without it the copy does what the sources do
//   MAILPROOF_FAULTS_REACHED=FILE   a file of `reached_bytes`; the byte of each place that is
//   reached
//                                   becomes 1. Shared memory, which weave leaves as it is.
//   MAILPROOF_FAULT_PROBES=1        ends the program where a condition differs from the original
//
// Nothing here is instrumented: neither a sanitizer nor weave is to see the switches.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#define PTO_PLANTED_UNSEEN __attribute__((no_sanitize("thread", "address", "undefined")))

namespace pto_planted {

inline constexpr uint64_t reached_bytes = uint64_t{1} << 24;

/// FNV-1a, 64 bits.
constexpr uint64_t hash_of(const char* text) noexcept {
    uint64_t hash = 14695981039346656037u;
    for (; *text != 0; ++text) {
        hash = (hash ^ static_cast<unsigned char>(*text)) * 1099511628211u;
    }
    return hash;
}

/// The name of a fault, as a number.
struct Name {
    uint64_t hash;
    consteval Name(const char* text) noexcept : hash(hash_of(text)) {}
};

/// What the environment says.
struct Choice {
    uint64_t hash = 0;
    bool probes = false;
    char* reached = nullptr;

    PTO_PLANTED_UNSEEN Choice() noexcept {
        if (const char* text = std::getenv("MAILPROOF_FAULT")) {
            hash = hash_of(text);
        }
        probes = std::getenv("MAILPROOF_FAULT_PROBES") != nullptr;
        if (const char* path = std::getenv("MAILPROOF_FAULTS_REACHED")) {
            const int file = open(path, O_RDWR);
            void* memory =
                mmap(nullptr, reached_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            reached = memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
            close(file);
        }
    }
};
inline const Choice choice;

/// Is this fault chosen? In a constant expression none is.
PTO_PLANTED_UNSEEN constexpr bool is(Name name) noexcept {
    if (__builtin_is_constant_evaluated()) {
        return false;
    }
    if (choice.reached != nullptr) {
        choice.reached[name.hash % reached_bytes] = 1;
    }
    return name.hash == choice.hash;
}

PTO_PLANTED_UNSEEN inline bool probes() noexcept { return choice.probes; }

/// The condition of a fault, in a run that probes.
inline bool probe(bool original, bool faulty) noexcept {
    if (original != faulty) {
        std::abort();
    }
    return faulty;
}

// What generated faults call.

template <class A>
typename A::value_type plain_load(const A& a) noexcept {
    return *reinterpret_cast<const typename A::value_type*>(&a);
}

template <class A, class V>
void plain_store(A& a, V v) noexcept {
    *reinterpret_cast<typename A::value_type*>(&a) = static_cast<typename A::value_type>(v);
}

template <class A, class E, class V>
bool split_exchange(A& a, E& expected, V desired) noexcept {
    const auto seen = a.load(std::memory_order_acquire);
    if (seen != expected) {
        expected = seen;
        return false;
    }
    a.store(desired, std::memory_order_release);
    return true;
}

}  // namespace pto_planted
