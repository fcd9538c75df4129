# What the builds of seeded bugs share: `bugs`, the list of their files, a copy of the product with
# a bug or with many, and programs of that copy.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB bugs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bugs/*/*.bug)
if(NOT bugs)
    message(FATAL_ERROR "bugs/ is missing or empty")
endif()
hide_sources_from_fuzzer(${PROJECT_SOURCE_DIR}/fuzz/kit/libfuzzer_entry.cpp)
file(GLOB_RECURSE product CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.h
    ${PROJECT_SOURCE_DIR}/sim/*.h)

# plant(<name> <folder> [SWITCHED] <bug file>...): a command that writes the copy with the bug, or with
# all of them, each behind its switch.
function(plant name copy)
    cmake_parse_arguments(PARSE_ARGV 2 arg "SWITCHED" "" "")
    # Named, so that a bug that changes is compiled in the same build that plants it.
    list(TRANSFORM product REPLACE "^${PROJECT_SOURCE_DIR}" "${copy}" OUTPUT_VARIABLE planted)
    set(switched)
    if(arg_SWITCHED)
        set(switched --switched)
        list(APPEND planted ${copy}/planted_switch.h)
    endif()
    add_custom_command(OUTPUT ${copy}/planted
        BYPRODUCTS ${planted}
        COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plant.py ${switched}
            ${PROJECT_SOURCE_DIR} ${copy} ${arg_UNPARSED_ARGUMENTS}
        DEPENDS ${arg_UNPARSED_ARGUMENTS} ${product} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plant.py
            ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/bug_file.py
            ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/switched.py
            ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/planted_switch.h
            ${PROJECT_SOURCE_DIR}/commands/kit/cpp_source.py
        COMMENT "Planting ${name}" VERBATIM)
endfunction()

# TARGET_archive: what a fuzz target consists of besides its own source. Of an inline function that
# stands in several objects the linker takes the first, and an archive comes after the planted one.
file(GLOB target_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*.cpp)
foreach(source IN LISTS target_sources)
    cmake_path(GET source STEM fuzz_target)
    subjects_of(${source} parts)
    list(TRANSFORM parts PREPEND fuzz_)
    add_library(${fuzz_target}_archive STATIC EXCLUDE_FROM_ALL)
    foreach(part IN ITEMS fuzz_driver fuzz_kit ${parts})
        target_sources(${fuzz_target}_archive PRIVATE $<TARGET_OBJECTS:${part}>)
    endforeach()
    set_target_properties(${fuzz_target}_archive PROPERTIES LINKER_LANGUAGE CXX)
    # AFL++'s driver refers to it weakly, which takes nothing out of an archive.
    target_link_options(${fuzz_target}_archive INTERFACE -Wl,-u,LLVMFuzzerTestOneInput)
endforeach()

# add_planted(<target> <folder>): a program of the copy in the folder, without its sources.
function(add_planted target copy)
    add_executable(${target} ${copy}/planted)
    set_source_files_properties(${copy}/planted PROPERTIES HEADER_FILE_ONLY TRUE)
    target_include_directories(${target} BEFORE PRIVATE ${copy})
    target_link_libraries(${target} PRIVATE suite_executable)
    # What a bug no longer uses is not worth a warning.
    target_compile_options(${target} PRIVATE -w)
    set_target_properties(${target} PROPERTIES PRODUCT_IS_PLANTED ON)
endfunction()

# add_planted_target(<target> <fuzz target>): makes it the fuzz target, built from the copy.
function(add_planted_target target fuzz_target)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/${fuzz_target}.cpp)
    target_link_libraries(${target} PRIVATE ${fuzz_target}_archive suite_fuzzer)
endfunction()

# add_planted_explored(<target> <fuzz target>): the same for one under weave.
function(add_planted_explored target fuzz_target)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/${fuzz_target}.cpp
        $<TARGET_OBJECTS:explored_under_weave>)
    target_compile_options(${target} PRIVATE -O2)
    target_link_libraries(${target} PRIVATE explored_driver ${fuzz_target}_inputs explored_kit
        weave::program)
endfunction()

# add_planted_explored_fuzzer(<target> <fuzz target>): the same for libFuzzer.
function(add_planted_explored_fuzzer target fuzz_target)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/${fuzz_target}.cpp
        ${PROJECT_SOURCE_DIR}/fuzz/kit/libfuzzer_entry.cpp $<TARGET_OBJECTS:explored_under_weave>)
    target_compile_options(${target} PRIVATE -O2
        -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${target} PRIVATE ${fuzz_target}_inputs explored_kit weave::program)
endfunction()
