# libFuzzer: coverage counters where they guide, its main() in the targets. Comparisons are not
# traced: the schedules' mutator knows what their bytes mean, and the calls cost half of the time.
target_compile_options(suite_options INTERFACE
    "$<${is_shown}:-fsanitize=fuzzer-no-link;-fno-sanitize-coverage=trace-cmp>")
target_link_options(suite_fuzzer INTERFACE -fsanitize=fuzzer)
