# AddressSanitizer with LeakSanitizer, and UndefinedBehaviorSanitizer. Every report is fatal, so
# that a fuzzer saves the input that caused it.
# Strict flexible arrays: an array at the end of a struct has the length that it says, and an index past
# its end is reported like any other.
set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    -fstrict-flex-arrays=3)
# The property WITHOUT_UBSAN is for a target that has to show something else.
target_compile_options(suite_options INTERFACE "$<${is_shown}:${sanitizer_flags}>"
    $<$<BOOL:$<TARGET_PROPERTY:WITHOUT_UBSAN>>:-fno-sanitize=undefined>)
target_link_options(suite_options INTERFACE "$<${is_shown}:${sanitizer_flags}>")
