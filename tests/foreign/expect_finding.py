"""expect_finding.py WORD TARGET FAULTY REPAIRED PROGRAM FOLDER [--export] [--gtest]

Passes if PROGRAM, the target on the tree of the subject file FAULTY, reports a finding with the word
for an input of the folder, and names that input. With --export, the program that is exported for its
owner must fail with the headers of FAULTY and pass with those of REPAIRED.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from commands.kit import project, report, reproducer, subject  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    for name in ("word", "target", "faulty", "repaired", "program", "folder"):
        parser.add_argument(name)
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--gtest", action="store_true")
    options = parser.parse_args()
    run = subprocess.run([options.program, options.folder], capture_output=True, text=True,
                         errors="replace", stdin=subprocess.DEVNULL, check=False)
    text = run.stderr + run.stdout
    if run.returncode == 0:
        sys.exit("nothing was found")
    for wanted in ("FINDING ", options.word, f"input: {options.folder}/",
                   "reproduce: ./mailproof replay --subject"):
        if wanted not in text:
            sys.exit(f"the report has no '{wanted}':\n{text}")
    print(text[:2000])
    if options.export:
        for file, must_fail in ((options.faulty, True), (options.repaired, False)):
            check_export(options, text, file, must_fail)


def check_export(options, text, file, must_fail):
    tree = subject.read(pathlib.Path(file).resolve())
    path = pathlib.Path(report.current_input(text))
    with tempfile.TemporaryDirectory() as folder, \
            mock.patch.object(project, "binary", lambda preset, target: options.program):
        one = reproducer.write(tree, options.target, "", path, report.of_text(text),
                               pathlib.Path(folder), options.gtest)
        print(f"{tree.name}: {one.command}: {'fails' if one.fails else 'passes'}")
        if one.fails != must_fail:
            sys.exit(f"it must {'fail' if must_fail else 'pass'}:\n{one.file.read_text()}")


if __name__ == "__main__":
    main()
