#!/usr/bin/env python3
"""Registers the failing canary in a scratch CTest folder, together with a test that passes, and
passes only if ctest ends with its code for failed tests and names the canary, and only it."""
import argparse
import pathlib
import subprocess
import sys
import tempfile

CTEST_EXIT_CODE_TESTS_FAILED = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ctest")
    parser.add_argument("canary")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "CTestTestfile.cmake").write_text(
            f'add_test(canary "{options.canary}" --gtest_filter=Canary.counts_wrong)\n'
            f'add_test(quiet "{options.canary}" --gtest_filter=Canary.no_such_case)\n')
        run = subprocess.run([options.ctest, "--test-dir", folder], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    print(run.stdout)
    red = run.returncode == CTEST_EXIT_CODE_TESTS_FAILED
    named = "1 tests failed out of 2" in run.stdout and "1 - canary (Failed)" in run.stdout
    if not (red and named):
        print(f"ctest did not turn red: exit code {run.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
