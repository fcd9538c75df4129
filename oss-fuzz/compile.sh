#!/bin/bash -eu
# Runs a compiler in the top folder of the checkout, with sources and header folders named from there:
# AddressSanitizer and UBSan keep these names in the binary, regardless of the flags.
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
