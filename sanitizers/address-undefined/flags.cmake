# AddressSanitizer with LeakSanitizer, and UndefinedBehaviorSanitizer. Every report is fatal, so
# that an engine saves the input that caused it.
set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
target_compile_options(suite_options INTERFACE ${sanitizer_flags})
target_link_options(suite_options INTERFACE ${sanitizer_flags})
target_sources(suite_executable INTERFACE ${CMAKE_CURRENT_LIST_DIR}/default_options.cpp)
