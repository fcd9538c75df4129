# The package weave: find_package(weave) gives weave::program, weave::main and weave::gtest_main; bin has
# the compilers.
# Everything is relative to the prefix, which may be moved. In a larger build the component weave is
# installed only when it is asked for by name.
include(CMakePackageConfigHelpers)

set(component COMPONENT weave)
if(NOT PROJECT_IS_TOP_LEVEL)
    list(APPEND component EXCLUDE_FROM_ALL)
endif()
set(package lib/cmake/weave)

install(TARGETS weave weave_wrapper weave_streams weave_flags weave_program weave_main
    weave_gtest_main EXPORT weave_targets
    ARCHIVE DESTINATION lib ${component})
if(TARGET weave_libcxx)
    install(TARGETS weave_libcxx weave_wrapper_libcxx weave_streams_libcxx ARCHIVE DESTINATION lib ${component})
endif()
install(FILES include/weave/weave.h include/weave/weave_atomics.h DESTINATION include/weave ${component})
install(DIRECTORY include/weave/libstdcxx include/weave/libcxx DESTINATION include/weave ${component})
install(FILES gtest/main.cpp gtest/driver.cpp DESTINATION share/weave/gtest ${component})
install(PROGRAMS ${root}/bin/weave-cc ${root}/bin/weave-c++ DESTINATION bin ${component})

install(EXPORT weave_targets NAMESPACE weave:: DESTINATION ${package} FILE weaveTargets.cmake ${component})
configure_package_config_file(weaveConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/weaveConfig.cmake
    INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/weaveConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/weaveConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/weaveConfigVersion.cmake DESTINATION ${package} ${component})
