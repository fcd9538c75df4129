# libFuzzer: coverage counters everywhere, its main() in the targets.
target_compile_options(suite_options INTERFACE -fsanitize=fuzzer-no-link)
target_link_options(suite_fuzzer INTERFACE -fsanitize=fuzzer)
