# weave under OSS-Fuzz, and in our own build for coverage: the program under test gets all flags, the
# runtime none that instrument.
# One C++ library, the programs' own.
set(WEAVE_BUILD_LIBCXX OFF)
add_subdirectory(weave)
target_compile_options(weave PRIVATE -Wno-error -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
target_compile_options(weave_wrapper PRIVATE -Wno-error -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
