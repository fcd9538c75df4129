# How a test is declared, for every folder that has some. Names start with the preset, so that the runs
# of several presets can be put side by side; all are labelled no_hardware, the only kind there is.
include(GoogleTest)
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# mailproof_gtest(<target>): an executable of GoogleTest cases, each of them one CTest.
# They are listed right after linking, so a binary that cannot even start fails the build.
function(mailproof_gtest target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "ENVIRONMENT")
    target_link_libraries(${target} PRIVATE suite_executable GTest::gtest_main)
    gtest_discover_tests(${target}
        TEST_PREFIX "${MAILPROOF_PRESET}/"
        DISCOVERY_MODE POST_BUILD
        DISCOVERY_TIMEOUT 60
        PROPERTIES LABELS no_hardware TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${arg_ENVIRONMENT}")
endfunction()

# mailproof_test(<name> TIMEOUT <seconds> COMMAND ...): any other test.
function(mailproof_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "COMMAND")
    set(labels no_hardware)
    if(MAILPROOF_PRESET STREQUAL "libcxx")
        list(APPEND labels libcxx)
    endif()
    add_test(NAME ${MAILPROOF_PRESET}/${name} COMMAND ${arg_COMMAND})
    set_tests_properties(${MAILPROOF_PRESET}/${name} PROPERTIES
        LABELS "${labels}" TIMEOUT ${arg_TIMEOUT})
endfunction()

# mailproof_filecheck(<name> <prefix> <file> <command> [<argument>...]): runs the command and lets
# FileCheck compare what it prints, and its "exit status N", with the comments of <file> that begin
# with <prefix>.
find_program(FILECHECK FileCheck-19 REQUIRED)
function(mailproof_filecheck name prefix file)
    string(JOIN " " command ${ARGN})
    mailproof_test(${name} TIMEOUT 60 COMMAND sh -c
        "{ ${command} 2>&1; echo exit status $?; } | ${FILECHECK} --check-prefix=${prefix} ${file}")
endfunction()
