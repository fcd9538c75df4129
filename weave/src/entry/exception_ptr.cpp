// The owners of an exception: std::exception_ptr and handlers. Defines the functions of libstdc++
// and libc++ that count them, which are not instrumented. The last owner destroys the exception,
// and what the other owners did with it happens before that. Linked with --wrap.
#include <cstddef>
#include <cstdint>

#include "entry/entry.h"

// The C++ ABI's function, whose declaration differs between the headers of C++ libraries.
extern "C" void* weave_caught() noexcept __asm__("__cxa_get_globals");

namespace weave {

namespace {

/// Synchronises with all earlier changes of the count, as an acquire-release RMW does.
void change_count(const void* exception, uint32_t pc) {
    if (active == nullptr || exception == nullptr) {
        return;
    }
    Execution& execution = *active;
    SyncObject& count = execution.object(exception, SyncKind::count, pc);
    execution.acquire(count.released);
    count.released = execution.release();
}

/// What the library keeps of a caught exception: of one that was thrown, and right before it, or of
/// one that std::rethrow_exception() has made, which only names the one that was thrown (Itanium
/// C++ ABI, Exception Handling, 2.2.1).
struct Caught {
#ifdef _LIBCPP_VERSION
    static constexpr size_t words_before = 12;
    static constexpr size_t thrown = 1;
#else
    static constexpr size_t words_before = 10;
    static constexpr size_t thrown = 0;
#endif
    void* before[words_before];  ///< `thrown`: the exception that it names
    uint64_t kind;               ///< whose it is, and 1 in the last byte of one that names another
    void* after[3];

    bool is_of_cxx() const {
        constexpr uint64_t name = 'C' << 16 | '+' << 8 | '+';
        return (kind >> 8 & 0xff'ffff) == name;
    }
    bool names_another() const { return (kind & 0xff) == 1; }
};

/// The exception that the current handler has caught, or null.
void* caught_exception() {
    auto* const caught = *static_cast<Caught**>(weave_caught());
    if (caught == nullptr || !caught->is_of_cxx()) {
        return nullptr;
    }
    return caught->names_another() ? caught->before[Caught::thrown] : caught + 1;
}

}  // namespace

}  // namespace weave

extern "C" {

/// Missing where nothing is linked with --wrap; then nothing calls its wrapper either.
__attribute__((weak)) void __real___cxa_end_catch();
void __wrap___cxa_end_catch();

// A handler that ends gives up the exception, and so do those that rethrow it.
void __wrap___cxa_end_catch() {
    weave::change_count(weave::caught_exception(), WEAVE_PC);
    __real___cxa_end_catch();
}

#ifdef _LIBCPP_VERSION
void __real___cxa_increment_exception_refcount(void* exception) noexcept;
void __real___cxa_decrement_exception_refcount(void* exception) noexcept;
void __wrap___cxa_increment_exception_refcount(void* exception) noexcept;
void __wrap___cxa_decrement_exception_refcount(void* exception) noexcept;

void __wrap___cxa_increment_exception_refcount(void* exception) noexcept {
    weave::change_count(exception, WEAVE_PC);
    __real___cxa_increment_exception_refcount(exception);
}

void __wrap___cxa_decrement_exception_refcount(void* exception) noexcept {
    weave::change_count(exception, WEAVE_PC);
    __real___cxa_decrement_exception_refcount(exception);
}
#else

void __real__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(void** self) __attribute__((weak));
void __real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) __attribute__((weak));
void __wrap__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(void** self);
void __wrap__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self);

void __wrap__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(void** self) {
    weave::change_count(*self, WEAVE_PC);
    __real__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(self);
}

void __wrap__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) {
    weave::change_count(*self, WEAVE_PC);
    __real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(self);
}
#endif
}
