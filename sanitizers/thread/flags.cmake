# ThreadSanitizer. Real threads only; the suite's single-threaded targets run under it too, which
# costs little and proves that they start no thread behind our back.
target_compile_options(suite_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
target_link_options(suite_options INTERFACE -fsanitize=thread)
target_sources(suite_executable INTERFACE ${CMAKE_CURRENT_LIST_DIR}/default_options.cpp)
