// Built-in defaults of AddressSanitizer and UBSan; ASAN_OPTIONS and UBSAN_OPTIONS still override.
//
// The runtimes look these functions up by name and call them before main, so they must not be
// instrumented and must not allocate.

extern "C" __attribute__((no_sanitize("address", "undefined"), used)) const char*
__asan_default_options();
extern "C" __attribute__((no_sanitize("address", "undefined"), used)) const char*
__ubsan_default_options();

// strict_string_checks and detect_stack_use_after_return find more, at an acceptable cost.
const char* __asan_default_options() {
    return "strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1:"
           "allocator_may_return_null=0";
}

const char* __ubsan_default_options() { return "print_stacktrace=1"; }
