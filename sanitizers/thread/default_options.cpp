// Built-in defaults of ThreadSanitizer; TSAN_OPTIONS still overrides.
//
// The runtime looks this function up by name and calls it before main, so it must not be
// instrumented and must not allocate.

extern "C" __attribute__((no_sanitize("thread"), used)) const char* __tsan_default_options();

// halt_on_error: a fuzzer must stop at the input that raced, not at a later one.
// report_signal_unsafe=0: libFuzzer saves the input from its SIGABRT handler, which allocates; the
// report of that would hang the process before the input is on disk.
// history_size: long schedules need the longer memory to name both accesses of a race.
const char* __tsan_default_options() {
    return "halt_on_error=1:report_signal_unsafe=0:second_deadlock_stack=1:history_size=4";
}
