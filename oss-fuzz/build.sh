#!/bin/bash -eu
# Builds the fuzz targets for OSS-Fuzz and ClusterFuzzLite: from $SRC/mailproof, in $WORK, into $OUT,
# each with its options and, where the tree has them, its seeds and dictionary. docs/oss-fuzz.md says
# which targets go with which sanitizer and fuzzer; `./mailproof oss-fuzz-check` runs this as the
# services do.
source=$SRC/mailproof
build=$WORK/mailproof

# A coverage report needs the paths of the sources; a binary that runs elsewhere does not. Where the
# service asks for debug information, it names the folder of the build too.
flags=$CXXFLAGS
if [ "$SANITIZER" != coverage ]; then
    flags+=" -ffile-prefix-map=$source=. -ffile-prefix-map=$build=build"
fi

cmake -S "$source" -B "$build" -DCMAKE_CXX_FLAGS="$flags" -DMAILPROOF_FUZZER=oss-fuzz \
    -DOSS_FUZZ_SANITIZER="$SANITIZER" -DOSS_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
cmake --build "$build" --parallel "$(nproc)"

# A seed is named by the hash of its content, as the services do, so that no names collide.
pack_seeds() {
    local name=$1 seeds=$build/seeds/$1 generated=$build/generated/$1 input
    mkdir -p "$seeds" "$generated"
    "$build/bin/$name" --generate "$generated"
    for input in "$source/corpus/$name"/* "$source/corpus/regress/$name"/* "$generated"/*; do
        if [ -f "$input" ]; then
            cp "$input" "$seeds/$(sha1sum < "$input" | cut -d ' ' -f 1)"
        fi
    done
    if [ -n "$(ls "$seeds")" ]; then
        (cd "$seeds" && zip -q -X "$OUT/${name}_seed_corpus.zip" ./*)
    fi
}

for target in "$build"/bin/*; do
    name=$(basename "$target")
    case $name in
        *_weave) options=weave ;;
        *) options=schedule ;;
    esac
    cp "$target" "$OUT/$name"
    find "$source/fuzz" -name "$name.dict" -exec cp {} "$OUT" ";"
    cp "$source/oss-fuzz/$options.options" "$OUT/$name.options"
    pack_seeds "$name"
done
