# ThreadSanitizer. Single-threaded targets are built with it too: every corpus replays under both
# sanitizers.
target_compile_options(suite_options INTERFACE
    "$<${is_shown}:-fsanitize=thread;-fno-omit-frame-pointer>")
target_link_options(suite_options INTERFACE "$<${is_shown}:-fsanitize=thread>")
