#!/bin/bash -eu
# Builds again after a change of the sources, where build.sh has been run before: only what depends on
# the change, without a network. Seeds, dictionaries and options are in $OUT already.
build=$WORK/mailproof

cmake --build "$build" --parallel "$(nproc)"
for target in "$build"/bin/*; do
    cp "$target" "$OUT/$(basename "$target")"
done
