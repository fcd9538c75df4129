#!/bin/bash -eu
# Runs a compiler in the top folder of the checkout, with the source and the folders of headers named
# from there: whatever the flags say, AddressSanitizer and UBSan keep these names in the binary.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
words=()
previous=
for word in "$@"; do
    case $previous$word in
        -o/* | -MF/*) ;;
        -o* | -MF*) if [ -n "$previous" ]; then word=$PWD/$word; fi ;;
    esac
    previous=
    case $word in -o | -MF) previous=$word ;; esac
    case $word in
        -I"$root") word=-I. ;;
        -I"$root"/*) word=-I${word#"-I$root/"} ;;
    esac
    words+=("${word#"$root/"}")
done
cd "$root"
exec "${words[@]}"
