#!/bin/bash -eu
# Runs the project's tests, as OSS-Fuzz asks for after a build: no network, and the checkout stays as
# it was. They are built in $WORK, once, with the packages of the image: the unit tests, those of
# the oracles, and the replay of every input that is kept. Exit status 0 if all pass.
source=$SRC/mailproof
build=$WORK/mailproof-tests

# The flags are for fuzz targets; GoogleTest as packaged goes with the system's C++ library.
unset CFLAGS CXXFLAGS
export PYTHONDONTWRITEBYTECODE=1

targets=(unit_tests fuzz_tests)
for file in "$source"/fuzz/*.cpp; do
    name=$(basename "$file" .cpp)
    case $name in
        canary | *_weave) ;;
        *) targets+=("$name") ;;
    esac
done

cmake -S "$source" -B "$build" -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O0 -g1" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo
cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]}"
ctest --test-dir "$build" --parallel "$(nproc)" --output-on-failure --no-tests=error \
    --tests-regex '^custom/(unit_tests|fuzz_tests|corpus)(/|$)'
