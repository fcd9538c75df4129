# Debian's AFL++, 4.04c, is built on clang-14; what works with clang-19 is the compiler's own coverage
# instrumentation, linked directly with AFL++'s runtime and its libFuzzer-style driver.
include(${CMAKE_CURRENT_LIST_DIR}/runtime.cmake)
# Comparisons are traced for CmpLog, whose instance runs the build without a sanitizer.
set(afl_coverage trace-pc-guard)
if(MAILPROOF_SANITIZER STREQUAL "none")
    string(APPEND afl_coverage ",trace-cmp")
endif()
target_compile_options(suite_options INTERFACE
    "$<${is_shown}:-fsanitize-coverage=${afl_coverage}>")
target_link_options(suite_fuzzer INTERFACE -Wl,--dynamic-list=${AFL_RUNTIME_DIR}/dynamic_list.txt)
target_link_libraries(suite_fuzzer INTERFACE
    ${AFL_RUNTIME_DIR}/libAFLDriver.a ${AFL_RUNTIME_DIR}/afl-compiler-rt.o)
