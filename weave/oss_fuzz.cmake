# weave under OSS-Fuzz: the program under test gets all flags of the service, the runtime none that
# instrument.
add_subdirectory(weave)
target_compile_options(weave PRIVATE -Wno-error -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
target_compile_options(weave_wrapper PRIVATE -Wno-error -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
