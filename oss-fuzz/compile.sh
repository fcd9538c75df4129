#!/bin/bash -eu
# Runs a compiler in the top folder of the checkout, with sources and header folders named from there:
# AddressSanitizer and UBSan keep these names in the binary, regardless of the flags.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
words=()
dependencies=
previous=
for word in "$@"; do
    case $previous$word in
        -o/* | -MF/*) ;;
        -o* | -MF*) if [ -n "$previous" ]; then word=$PWD/$word; fi ;;
    esac
    if [ "$previous" = -MF ]; then
        dependencies=$word
    fi
    previous=
    case $word in -o | -MF) previous=$word ;; esac
    case $word in
        -I"$root") word=-I. ;;
        -I"$root"/*) word=-I${word#"-I$root/"} ;;
    esac
    words+=("${word#"$root/"}")
done
cd "$root"
"${words[@]}"
# The build reads what a file depends on from another folder, and would miss these names each time.
if [ -f "$dependencies" ]; then
    sed -i -E -e ':next' -e "s#(^| )([^/ \\\\][^ ]*[^: ])( |\$)#\\1$root/\\2\\3#" -e 't next' \
        "$dependencies"
fi
