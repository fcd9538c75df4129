#!/usr/bin/env python3
"""Installs the package from a build folder into a scratch prefix and uses it from outside: through
find_package with both platforms in one program, through each platform's drop-in target, and with
only an include path."""
import argparse
import pathlib
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).with_name("project")
PLATFORMS = ["a2a3", "a5"]


def run(*command):
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True)


def check_installed_files(prefix):
    """Only the product is installed: its headers, and what find_package needs."""
    files = [path.relative_to(prefix).as_posix() for path in prefix.rglob("*") if path.is_file()]
    strangers = [name for name in files if not name.startswith("include/pto/")
                 and not ("/cmake/pto_completion/" in name and name.endswith(".cmake"))]
    if strangers:
        sys.exit(f"installed by mistake: {', '.join(sorted(strangers))}")
    if "include/pto/runtime/mailbox.h" not in files:
        sys.exit("the product was not installed")


def use_through_package(options, prefix, folder):
    run(options.cmake, "-S", PROJECT, "-B", folder, "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={options.compiler}",
        "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    run(options.cmake, "--build", folder)
    run(folder / "both_platforms")
    run(folder / "simulated")
    for platform in PLATFORMS:
        run(folder / f"drop_in_{platform}")
        run(folder / f"renamed_{platform}")


def use_through_include_path(options, prefix, folder):
    for platform in PLATFORMS:
        for source, names in (("drop_in.cpp", "include"), ("renamed.cpp", "include_renamed")):
            program = folder / f"{names}_path_only_{platform}"
            run(options.compiler, "-std=c++20", f"-I{prefix}/include/pto/{platform}/{names}",
                PROJECT / source, "-o", program)
            run(program)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--build", required=True, help="a configured build folder of the tree")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        prefix = pathlib.Path(scratch, "prefix")
        run(options.cmake, "--install", options.build, "--prefix", prefix)
        check_installed_files(prefix)
        use_through_package(options, prefix, pathlib.Path(scratch, "consumer"))
        use_through_include_path(options, prefix, pathlib.Path(scratch))


if __name__ == "__main__":
    main()
