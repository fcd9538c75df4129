#!/usr/bin/env python3
"""Copies weave's folder by itself, configures it as a project of its own and compiles its smallest
library: nothing outside of the folder may be needed."""
import argparse
import pathlib
import shutil
import subprocess
import tempfile

WEAVE = pathlib.Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--compiler", required=True)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        shutil.copytree(WEAVE, scratch / "weave")
        build = scratch / "build"
        subprocess.run([options.cmake, "-S", scratch / "weave", "-B", build, "-G", "Ninja",
                        f"-DCMAKE_CXX_COMPILER={options.compiler}"], check=True)
        subprocess.run([options.cmake, "--build", build, "--target", "weave_wrapper"], check=True)


if __name__ == "__main__":
    main()
