# weave with the service's flags: the program gets them all, the runtime none that instrument.
# Boost.Context is linked into the target, because the runner has no such library.
set(Boost_USE_STATIC_LIBS ON)
add_subdirectory(weave)
target_compile_options(weave PRIVATE -Wno-error -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
target_compile_options(weave_wrapper PRIVATE -Wno-error -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
