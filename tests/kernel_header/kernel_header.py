#!/usr/bin/env python3
"""Checks that a header is kernel-safe.

    kernel_header.py COMPILER ROOT HEADER     HEADER is relative to ROOT

Compiles it alone as freestanding C++17 without a C++ library, with every atomic name poisoned and
<atomic> replaced by an error, and checks what it includes: of the tree, only headers of its own
names that kernels may include; of the system, only what <stdint.h> brings.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

POISONED_HEADERS = pathlib.Path(__file__).with_name("poisoned")
POISONED_NAMES = [
    "std", "atomic", "atomic_ref", "atomic_flag", "_Atomic", "atomic_thread_fence",
    "__atomic_load_n", "__atomic_store_n", "__atomic_load", "__atomic_store",
    "__atomic_exchange_n", "__atomic_compare_exchange_n", "__atomic_compare_exchange",
    "__atomic_fetch_add", "__atomic_fetch_sub", "__atomic_fetch_or", "__atomic_fetch_and",
    "__atomic_add_fetch", "__atomic_sub_fetch", "__atomic_thread_fence", "__sync_synchronize",
    "__sync_fetch_and_add", "__sync_bool_compare_and_swap", "__sync_val_compare_and_swap",
    "__c11_atomic_load", "__c11_atomic_store",
]
FLAGS = ["-std=c++17", "-ffreestanding", "-nostdinc++", "-fno-exceptions", "-fno-rtti",
         "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-x", "c++", "-isystem", POISONED_HEADERS]
INCLUDED_NAMES = {"aicore_completion_mailbox_types.h", "pto_constants.h", "completion_token.h",
                  "pto_completion_token.h"}


def compile_text(compiler, text, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "kernel.cpp")
        source.write_text(text, encoding="utf-8")
        run = subprocess.run([compiler, *FLAGS, *arguments, source], capture_output=True,
                             text=True, errors="replace", check=False)
        return run.returncode, run.stdout.replace(str(source), ""), run.stderr


def dependencies(compiler, text):
    """Every file that the text includes, directly or not."""
    code, rule, errors = compile_text(compiler, text, "-M")
    if code != 0:
        raise RuntimeError(errors)
    names = rule.replace("\\\n", " ").split(":", 1)[1].split()
    return {pathlib.Path(os.path.realpath(name)) for name in names}


def problems_of(compiler, root, header):
    include = f'#include "{header}"\n'
    poison = "#pragma GCC poison " + " ".join(POISONED_NAMES) + "\n"
    code, _, errors = compile_text(compiler, poison + include, "-fsyntax-only")
    if code != 0:
        return [f"does not compile:\n{errors}"]
    problems = []
    of_stdint = dependencies(compiler, "#include <stdint.h>\n")
    for path in sorted(dependencies(compiler, include) - of_stdint):
        if not path.is_relative_to(root):
            problems.append(f"includes {path}, which <stdint.h> does not")
        elif path.name not in INCLUDED_NAMES:
            problems.append(f"includes {path.relative_to(root)}, which is not kernel-safe")
    return problems


def main():
    compiler, root, header = sys.argv[1:]
    root = pathlib.Path(root).resolve()
    problems = problems_of(compiler, root, (root / header).resolve())
    for problem in problems:
        print(f"{header}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
