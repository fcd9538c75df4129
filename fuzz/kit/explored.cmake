# Targets under weave: every *_weave.cpp of fuzz/ is one, in five executables. Its scenario is in
# its subject's folder.
#
#   NAME             replays inputs
#   NAME_fuzzer      libFuzzer, with the mutator that knows schedules
#   NAME_afl         AFL++
#   NAME_on_threads  replays the scenarios of inputs without weave, on real threads
#   NAME_checked     replays inputs, and weave itself is under AddressSanitizer and UBSan
#
# weave has instrumentation of its own and does not mix with sanitizers, so these are in the preset
# dev. The preset coverage has NAME alone.

# The kit as archives, for the reason that the inputs are one: with a precompiled header, its objects
# have all inline functions of the product.
foreach(part IN ITEMS kit driver)
    add_library(explored_${part} STATIC EXCLUDE_FROM_ALL $<TARGET_OBJECTS:fuzz_${part}>)
    set_target_properties(explored_${part} PROPERTIES LINKER_LANGUAGE CXX)
endforeach()
target_link_libraries(explored_driver INTERFACE explored_kit)

# They go with the instrumented scenario, and are part of the kit all the same.
hide_sources_from_fuzzer(${PROJECT_SOURCE_DIR}/fuzz/kit/explored_under_weave.cpp
    ${PROJECT_SOURCE_DIR}/fuzz/kit/libfuzzer_entry.cpp)

# What runs a scenario under weave knows nothing of the product, so that one object serves every
# executable, with a bug or without.
add_library(explored_under_weave OBJECT EXCLUDE_FROM_ALL kit/explored_under_weave.cpp)
target_compile_options(explored_under_weave PRIVATE -O2)
target_link_libraries(explored_under_weave PRIVATE suite_options weave::program)

# add_explored_target(<executable> <name> <runner> <root> [<library>]): `root` holds the src/ that
# is included, `library` is the runtime's.
function(add_explored_target executable name runner root)
    set(folder ${PROJECT_SOURCE_DIR}/fuzz)
    add_executable(${executable} ${folder}/${name}.cpp)
    target_include_directories(${executable} BEFORE PRIVATE ${root})
    if(runner STREQUAL "explored_under_weave")
        target_sources(${executable} PRIVATE $<TARGET_OBJECTS:explored_under_weave>)
        target_compile_options(${executable} PRIVATE -O2)
    else()
        target_sources(${executable} PRIVATE ${folder}/kit/${runner}.cpp)
    endif()
    target_link_libraries(${executable} PRIVATE suite_options ${name}_inputs explored_kit
        suite_executable ${ARGN})
endfunction()

# run_by_afl(<executable>): the linking is that of sanitizers/afl.
function(run_by_afl executable)
    include(${PROJECT_SOURCE_DIR}/sanitizers/afl/runtime.cmake)
    target_sources(${executable} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/libfuzzer_entry.cpp)
    target_compile_options(${executable} PRIVATE -fsanitize-coverage=trace-pc-guard,trace-cmp)
    target_link_options(${executable} PRIVATE -Wl,--dynamic-list=${AFL_RUNTIME_DIR}/dynamic_list.txt)
    target_link_libraries(${executable} PRIVATE
        ${AFL_RUNTIME_DIR}/libAFLDriver.a ${AFL_RUNTIME_DIR}/afl-compiler-rt.o)
endfunction()

# run_by_libfuzzer(<executable>)
function(run_by_libfuzzer executable)
    target_sources(${executable} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/libfuzzer_entry.cpp)
    # The counters of stack depth are thread-local, which is the runtime's business.
    target_compile_options(${executable} PRIVATE
        -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth)
    target_link_options(${executable} PRIVATE -fsanitize=fuzzer)
endfunction()

# add_explored_afl(<executable> <name> <root>), add_explored_fuzzer(<executable> <name> <root>)
function(add_explored_afl executable name root)
    add_explored_target(${executable} ${name} explored_under_weave ${root} weave::program)
    run_by_afl(${executable})
endfunction()
function(add_explored_fuzzer executable name root)
    add_explored_target(${executable} ${name} explored_under_weave ${root} weave::program)
    run_by_libfuzzer(${executable})
endfunction()

foreach(source IN LISTS explored_sources)
    cmake_path(GET source STEM name)
    add_explored_target(${name} ${name} explored_under_weave ${PROJECT_SOURCE_DIR} weave::program)
    if(MAILPROOF_FUZZER STREQUAL "oss-fuzz")
        # The fuzzer's flags come from outside; stack depth is left out for the reason above.
        foreach(part IN ITEMS ${name} ${name}_inputs)
            target_compile_options(${part} PRIVATE -fno-sanitize-coverage=stack-depth)
        endforeach()
        target_link_libraries(${name} PRIVATE fuzz_driver suite_fuzzer)
        continue()
    endif()
    target_link_libraries(${name} PRIVATE explored_driver)
    generate_seeds(${name})
    # What runs on real threads is in that build already.
    if(MAILPROOF_PRESET STREQUAL "coverage")
        continue()
    endif()
    add_explored_target(${name}_on_threads ${name} explored_on_threads ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name}_on_threads PRIVATE explored_driver)
    # libFuzzer and weave_checked go with the other C++ library.
    if(NOT MAILPROOF_PRESET STREQUAL "libcxx")
        add_explored_fuzzer(${name}_fuzzer ${name} ${PROJECT_SOURCE_DIR})
        add_explored_afl(${name}_afl ${name} ${PROJECT_SOURCE_DIR})
        # afl-fuzz loads it into itself; the scenario is there for its format only.
        add_library(${name}_mutator MODULE ${source} kit/explored_on_threads.cpp
            kit/afl_mutator.cpp $<TARGET_PROPERTY:fuzz_kit,SOURCES>)
        target_link_libraries(${name}_mutator PRIVATE suite_options ${name}_inputs)
        add_explored_target(${name}_checked ${name} explored_under_weave ${PROJECT_SOURCE_DIR}
            weave::program_checked)
        target_link_libraries(${name}_checked PRIVATE explored_driver)
    endif()
endforeach()

# A target that does nothing, for what the fuzzers themselves cost in this build.
if(MAILPROOF_PRESET STREQUAL "dev")
    foreach(fuzzer IN ITEMS afl fuzzer)
        add_executable(canary_${fuzzer} EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/fuzz/canary.cpp)
        target_compile_options(canary_${fuzzer} PRIVATE -O2)
        target_link_libraries(canary_${fuzzer} PRIVATE suite_options explored_kit weave::program
            suite_executable)
    endforeach()
    run_by_afl(canary_afl)
    run_by_libfuzzer(canary_fuzzer)
endif()
