# OSS-Fuzz and ClusterFuzzLite. Their compiler and its flags are CMake's own variables, which
# oss-fuzz/build.sh sets; this file only says how to link.
#
# OSS_FUZZ_SANITIZER is the service's name of the sanitizer in those flags, OSS_FUZZ_ENGINE what links
# the fuzzer: a library or an option.
#
# The runner has no C++ library. Its compiler is newer than ours, so its warnings are not errors.
separate_arguments(engine UNIX_COMMAND "${OSS_FUZZ_ENGINE}")
target_link_libraries(suite_fuzzer INTERFACE ${engine})
target_link_options(suite_fuzzer INTERFACE -static-libstdc++ -static-libgcc)
target_compile_options(suite_options INTERFACE -Wno-error)
