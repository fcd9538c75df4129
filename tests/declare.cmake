# How a test is declared, for every folder that has some. Names start with the preset, so that the runs
# of several presets can be put side by side; all are labelled no_hardware, the only kind there is.
#
# A test is in the quick tier unless it says FULL, which is also its label. The target `quick` builds
# what the quick tier runs, and no more; `all` builds what any test runs, through `full`.
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_custom_target(quick)
add_custom_target(full ALL)

# Which folder may include which: checked on every build, and its own checker tested.
add_custom_target(check_layers ALL
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/layers.py ${PROJECT_SOURCE_DIR}
    COMMENT "Checking who includes whom" VERBATIM)
add_dependencies(quick check_layers)

# Ends what hangs. No test depends on its speed, and a loaded machine must not miss this.
set(test_seconds_max 1800)

# mailproof_test(<name> [FULL] [CLOSED | NO_PRODUCT] COMMAND ... [ENVIRONMENT ...])
#
# CLOSED: a script that reads no file of the checkout but those that its command names, and runs no
# other program, so that it need not run again after a change to others.
# NO_PRODUCT: a script that reads nothing below src/, and runs no program of the builds.
function(mailproof_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "FULL;CLOSED;NO_PRODUCT" "" "COMMAND;ENVIRONMENT")
    set(labels no_hardware)
    if(arg_CLOSED)
        list(APPEND labels closed)
    endif()
    if(arg_NO_PRODUCT)
        list(APPEND labels no_product)
    endif()
    if(arg_FULL)
        list(APPEND labels full)
    endif()
    if(MAILPROOF_PRESET STREQUAL "libcxx")
        list(APPEND labels libcxx)
    endif()
    set(test ${MAILPROOF_PRESET}/${name})
    add_test(NAME ${test} COMMAND ${arg_COMMAND})
    set_tests_properties(${test} PROPERTIES
        LABELS "${labels}" TIMEOUT ${test_seconds_max} ENVIRONMENT "${arg_ENVIRONMENT}")
    set(tier quick)
    if(arg_FULL)
        set(tier full)
    endif()
    programs_of(programs ${arg_COMMAND})
    if(programs)
        add_dependencies(${tier} ${programs})
    endif()
endfunction()

# has_threads(<variable> <source>): is it for ThreadSanitizer? That has nothing to see in a file of
# unit tests without threads.
function(has_threads variable source)
    file(STRINGS ${source} threads LIMIT_COUNT 1 REGEX "std::j?thread|_thread_tests[.]h")
    set(${variable} FALSE PARENT_SCOPE)
    if(threads)
        set(${variable} TRUE PARENT_SCOPE)
    endif()
endfunction()

# quick_in(<variable> <preset>...): FULL in any other preset, for a test that shows nothing new there.
function(quick_in variable)
    set(${variable} FULL PARENT_SCOPE)
    if(MAILPROOF_PRESET IN_LIST ARGN)
        set(${variable} "" PARENT_SCOPE)
    endif()
endfunction()

# programs_of(<variable> <program> <argument>...): the targets of a command, as its first word or as
# $<TARGET_FILE:...> anywhere.
function(programs_of variable program)
    set(programs)
    if(TARGET "${program}")
        list(APPEND programs ${program})
    endif()
    foreach(argument IN ITEMS ${program} ${ARGN})
        if(argument MATCHES "^[$]<TARGET_FILE(_DIR)?:([^>]+)>$")
            list(APPEND programs ${CMAKE_MATCH_2})
        endif()
    endforeach()
    set(${variable} ${programs} PARENT_SCOPE)
endfunction()

# mailproof_gtest(<target> [FULL] [NAME <name>] [SHARDS <n>] [ENVIRONMENT ...]): an executable of
# GoogleTest cases, called <target> unless it has a name. A CTest for each case would spend most of
# its time on starting processes; with shards the processors have something to share.
function(mailproof_gtest target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "FULL" "NAME;SHARDS" "ENVIRONMENT")
    target_link_libraries(${target} PRIVATE suite_executable GTest::gtest_main)
    set(tier)
    if(arg_FULL)
        set(tier FULL)
    endif()
    if(NOT arg_NAME)
        set(arg_NAME ${target})
    endif()
    if(NOT arg_SHARDS)
        set(arg_SHARDS 1)
    endif()
    math(EXPR last "${arg_SHARDS} - 1")
    foreach(shard RANGE ${last})
        set(name ${arg_NAME})
        if(arg_SHARDS GREATER 1)
            math(EXPR number "${shard} + 1")
            string(APPEND name /${number}_of_${arg_SHARDS})
        endif()
        mailproof_test(${name} ${tier} COMMAND ${target} --gtest_brief=1
            ENVIRONMENT ${arg_ENVIRONMENT} GTEST_TOTAL_SHARDS=${arg_SHARDS} GTEST_SHARD_INDEX=${shard})
    endforeach()
endfunction()

# mailproof_filecheck(<name> <FULL or ""> <prefix> <file> <command> [<argument>...]): runs the command
# and lets FileCheck compare what it prints, and its "exit status N", with the comments of <file> that
# begin with <prefix>.
find_program(FILECHECK FileCheck-19 REQUIRED)
function(mailproof_filecheck name tier prefix file)
    mailproof_test(${name} ${tier} COMMAND sh -c
        "{ \"$@\" 2>&1; echo exit status $?; } | ${FILECHECK} --check-prefix=${prefix} ${file}"
        sh ${ARGN})
endfunction()
