"""Coverage and comparisons guide a fuzzer by the product and what runs it, and by nothing else: not
by what decodes, describes and judges, nor by the kit.

Configures each build with a fuzzer, that of OSS-Fuzz included, and compiles a small probe with the
flags of each source of fuzz/ in it.
"""

import json
import shlex
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import ROOT
from commands.oss_fuzz import service
from commands.oss_fuzz.service import Pair

# It compares, and it calls, since the depth of the stack counts in a function that does.
PROBE = "int f(int x);\nint g(int x) { return x == 7 ? 3 : f(x) * 2; }\n"
# What the compiler adds for coverage and for comparisons.
MARKS = (b"__sancov_", b"__sanitizer_cov_")
SECONDS_MAX = 600


def configure(folder: Path, *options: str) -> list[dict]:
    """The compiler's commands of a build."""
    subprocess.run(["cmake", "-S", ROOT, "-B", folder, *options,
                    "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"], check=True, capture_output=True,
                   timeout=SECONDS_MAX)
    return json.loads((folder / "compile_commands.json").read_text())


def flags_of(entry: dict) -> tuple[str, ...]:
    """What the command says of sanitizers and coverage, in its order."""
    return tuple(word for word in shlex.split(entry["command"])
                 if word.startswith(("-fsanitize", "-fno-sanitize")))


def output_of(entry: dict) -> str:
    """The object file of the command."""
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def is_seen(flags: tuple[str, ...], folder: Path) -> bool:
    """Does the compiler add anything for a fuzzer?"""
    source = folder / "probe.cpp"
    source.write_text(PROBE)
    outcome = subprocess.run([service.CXX, "-O1", "-w", *flags, "-c", source, "-o", "-"],
                             check=True, capture_output=True, timeout=SECONDS_MAX)
    return any(mark in outcome.stdout for mark in MARKS)


class Seen(unittest.TestCase):
    def check(self, *options: str, programs: str = "") -> None:
        """Every target is seen, and nothing else in fuzz/. In a build that replays too, only the
        objects of `programs` are a fuzzer's."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            entries = [entry for entry in configure(folder / "build", *options)
                       if Path(entry["file"]).is_relative_to(ROOT / "fuzz")
                       and programs in output_of(entry) and "_mutator.dir" not in output_of(entry)]
            distinct = list(dict.fromkeys(map(flags_of, entries)))
            with ThreadPoolExecutor(max_workers=2) as pool:
                seen = dict(zip(distinct, pool.map(lambda one: is_seen(one, folder), distinct)))
            targets = [entry for entry in entries if Path(entry["file"]).parent == ROOT / "fuzz"]
            self.assertTrue(targets)
            self.assertGreater(len(entries), len(targets))
            for entry in entries:
                with self.subTest(output_of(entry)):
                    self.assertEqual(seen[flags_of(entry)], entry in targets)

    def test_libfuzzer(self):
        self.check("--preset", "fuzz")
        self.check("--preset", "fuzz-tsan")

    def test_afl(self):
        self.check("--preset", "afl")
        self.check("--preset", "afl-asan")

    def test_under_weave(self):
        self.check("--preset", "dev", programs="_weave_fuzzer.dir")
        self.check("--preset", "dev", programs="_weave_afl.dir")

    def test_the_services(self):
        for pair in (Pair("address", "libfuzzer"), Pair("undefined", "libfuzzer"),
                     Pair("none", "centipede"), Pair("address", "honggfuzz")):
            with tempfile.TemporaryDirectory() as name:
                library = service.make_library(pair.engine, Path(name))
                variables = service.build_variables(pair, library, Path(name))
                self.check(f"-DCMAKE_CXX_COMPILER={variables['CXX']}",
                           f"-DCMAKE_CXX_FLAGS={variables['CXXFLAGS']}", "-GNinja",
                           "-DMAILPROOF_FUZZER=oss-fuzz", f"-DOSS_FUZZ_SANITIZER={pair.sanitizer}",
                           f"-DOSS_FUZZ_ENGINE={variables['LIB_FUZZING_ENGINE']}")


if __name__ == "__main__":
    unittest.main()
