#!/usr/bin/env python3
"""Checks that each public header compiles alone, without a warning.

    alone.py COMPILER STANDARD ROOT [KERNEL_STANDARD]

The headers are those of src/ and sim/, which are installed. A program that includes nothing but the
header is compiled with the warnings that adopters may have on, as STANDARD, such as c++20. With
KERNEL_STANDARD, the headers that kernels include are compiled as freestanding code of that standard
as well.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wold-style-cast",
            "-Werror"]
KERNEL_HEADERS = {"aicore_completion_mailbox_types.h", "pto_constants.h", "completion_token.h",
                  "pto_completion_token.h"}


def public_headers(root):
    return sorted([*root.glob("src/**/*.h"), *root.glob("sim/*.h")])


def errors_of(compiler, root, header, flags):
    """What the compiler says of a program that is one include line; nothing if all is well."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "alone.cpp")
        source.write_text(f'#include "{header}"\n', encoding="utf-8")
        run = subprocess.run([compiler, *flags, *WARNINGS, f"-I{root}", "-fsyntax-only", source],
                             capture_output=True, text=True, errors="replace", check=False)
        return run.stderr if run.returncode != 0 or run.stderr else ""


def problems_of(compiler, root, jobs):
    """`jobs` are pairs of a header and the flags that it is compiled with."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = pool.map(lambda job: errors_of(compiler, root, *job), jobs)
        return [f"{header.relative_to(root)} with {' '.join(flags)}:\n{error}"
                for (header, flags), error in zip(jobs, errors) if error]


def jobs_for(root, standard, kernel_standard):
    headers = public_headers(root)
    jobs = [(header, [f"-std={standard}"]) for header in headers]
    if kernel_standard is not None:
        jobs += [(header, [f"-std={kernel_standard}", "-ffreestanding"]) for header in headers
                 if header.name in KERNEL_HEADERS]
    return jobs


def main():
    compiler, standard, root = sys.argv[1:4]
    kernel_standard = sys.argv[4] if len(sys.argv) > 4 else None
    root = pathlib.Path(root).resolve()
    jobs = jobs_for(root, standard, kernel_standard)
    problems = problems_of(compiler, root, jobs)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(jobs)} programs of one header, {len(problems)} with errors or warnings")
    return 1 if problems or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
