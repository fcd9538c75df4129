"""The reasons to refuse a target: all that OSS-Fuzz's own build check covers, and what it misses.

The service's check counts calls to a sanitizer, including the runtime's own, and does not look at
threads. It accepts seeds that reach nothing, options that are not read, and a dictionary or seeds
that the build lost.
Every refusal names the target, what is wrong, and a command that shows it.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project
from commands.oss_fuzz import binary
from commands.oss_fuzz.service import PLAIN, RUNNER_LIBRARIES, Pair
from commands.oss_fuzz.target import (Answer, Fuzzer, LibFuzzer, Target, fuzzer_of, options_problem,
                                      unpack_seeds)

NAME = re.compile(r"^[a-zA-Z0-9_-]+$")

EDGES_MIN = 100
# The service's thresholds, for all calls in a binary. Its runtimes alone have about 165 to UBSan,
# so the service allows 200 in a build without it; here, none may be made by the compiler.
ASAN_CALLS_MIN = 1000
UBSAN_CALLS_MIN = 168

# Calls that a compiler makes and the runtimes do not, so they show what is instrumented.
INSTRUMENTATION = {
    "address": re.compile(r"^__asan_(report_)?(exp_)?(load|store)"),
    "undefined": re.compile(r"^__ubsan_handle_(?!cfi_)"),
    "memory": re.compile(r"^__msan_(maybe_)?warning"),
    "thread": re.compile(r"^__tsan_((unaligned_|volatile_)*(read|write)|atomic|func_entry|vptr)"),
    "dataflow": re.compile(r"^__dfsan_"),
}


@dataclass(frozen=True)
class Refusal:
    """One reason why a target cannot go to the service. `check` is one word."""

    target: str
    check: str
    what: str
    reproduce: str

    def as_json(self) -> dict[str, str]:
        return {"target": self.target, "check": self.check, "what": self.what,
                "reproduce": self.reproduce}


@dataclass(frozen=True)
class Result:
    """A target's figures: its edges, and those covered by an empty corpus and by its seeds."""

    target: str
    edges: int
    seeds: int
    covered_empty: int
    covered_seeds: int
    refusals: list[Refusal]

    def as_json(self) -> dict:
        return {"name": self.target, "edges": self.edges, "seeds": self.seeds,
                "covered_empty": self.covered_empty, "covered_seeds": self.covered_seeds,
                "refusals": [refusal.as_json() for refusal in self.refusals]}


def check(out: Path, work: Path, pair: Pair, expected: list[str], built_in: Path) -> list[Result]:
    """Checks every target of `out` and reports expected ones that are missing. `work` is for
    scratch files; `built_in` is the folder whose path must not be in a target."""
    found = binary.find_targets(out)
    results = [_Check(Target(path, work / path.name / "seeds"), pair, path.name in expected,
                      built_in).result() for path in found]
    names = {path.name for path in found}
    for name in expected:
        if name not in names:
            refusal = Refusal(name, "missing", "no executable of that name with "
                              "LLVMFuzzerTestOneInput", f"ls -l {shlex.quote(str(out))}")
            results.append(Result(name, 0, 0, 0, 0, [refusal]))
    return results


class _Check:
    """The checks of one target, in the order of their dependencies."""

    def __init__(self, target: Target, pair: Pair, is_expected: bool, built_in: Path) -> None:
        self.target = target
        self.pair = pair
        self.is_expected = is_expected
        self.built_in = built_in
        self.fuzzer: Fuzzer = fuzzer_of(pair.sanitizer, pair.engine)
        self.edges = 0
        self.seeds = 0
        self.covered_empty = 0
        self.covered_seeds = 0
        self.refusals: list[Refusal] = []

    def result(self) -> Result:
        self._name()
        if self._architecture():
            self._sanitizer()
            self._edges()
            self._relocatable()
            self._source_path()
            self._runs()
        return Result(self.target.name, self.edges, self.seeds, self.covered_empty,
                      self.covered_seeds, self.refusals)

    def _refuse(self, check: str, what: str, reproduce: str) -> None:
        self.refusals.append(Refusal(self.target.name, check, what, reproduce))

    def _path(self) -> str:
        return shlex.quote(str(self.target.path))

    def _name(self) -> None:
        if not NAME.match(self.target.name):
            self._refuse("name", "the services ignore a name with other characters than letters, "
                         "digits, _ and -", f"ls {self._path()}")
        elif not self.is_expected:
            self._refuse("unexpected", f"no target of the {self.pair.sanitizer} build has this "
                         "name", f"ls {self._path()}")

    def _architecture(self) -> bool:
        fits = binary.is_x86_64(self.target.path)
        if not fits:
            self._refuse("architecture", "not for x86_64", f"readelf -h {self._path()}")
        return fits

    def _sanitizer(self) -> None:
        """The sanitizer is present and alone. In a target under weave, the entry points of
        ThreadSanitizer are those of weave."""
        calls = binary.sanitizer_calls(self.target.path)
        own = {name: sum(number for call, number in calls.items() if pattern.match(call))
               for name, pattern in INSTRUMENTATION.items()}
        see = f"objdump -dC {self._path()} | grep -E 'call.*<__(a|m|t|ub)san_'"
        wanted = self.pair.sanitizer
        if wanted == "coverage":
            if "__llvm_covmap" not in binary.sections(self.target.path):
                self._refuse("sanitizer", "not built with source-based coverage",
                             f"readelf -SW {self._path()}")
        elif wanted == PLAIN:
            pass
        elif own[wanted] == 0:
            self._refuse("sanitizer", f"not instrumented with {wanted}", see)
        else:
            self._thresholds(calls, see)
        allowed = {wanted}
        if self.target.name.endswith("_weave") and not (
                binary.has_thread_sanitizer(self.target.path)):
            allowed.add("thread")
        for name, number in own.items():
            if number and name not in allowed:
                self._refuse("mixed", f"instrumented with {name} too: {number} calls", see)

    def _thresholds(self, calls: dict[str, int], see: str) -> None:
        """The service's own thresholds, so that it does not refuse what passes here."""
        prefix, minimum = ("__asan_", ASAN_CALLS_MIN) if self.pair.sanitizer == "address" else (
            "__ubsan_", UBSAN_CALLS_MIN)
        number = sum(number for call, number in calls.items() if call.startswith(prefix))
        if number < minimum:
            self._refuse("sanitizer", f"{number} calls of {prefix}*, the services want {minimum}",
                         see)

    def _edges(self) -> None:
        self.edges = binary.edges(self.target.path)
        if self.edges < EDGES_MIN:
            self._refuse("edges", f"{self.edges} instrumented edges, {EDGES_MIN} needed",
                         f"readelf -SW {self._path()} | grep -E 'sancov|prf_cnts'")

    def _relocatable(self) -> None:
        see = f"readelf -dW {self._path()} | grep -E 'NEEDED|PATH'"
        paths = binary.run_paths(self.target.path)
        for path in paths:
            if not path.startswith("$ORIGIN"):
                self._refuse("relocatable", f"looks for libraries in {path}", see)
        beside = [self.target.path.parent / path.replace("$ORIGIN", ".") for path in paths]
        for library in binary.libraries(self.target.path):
            if library not in RUNNER_LIBRARIES and not any(
                    (folder / library).exists() for folder in beside):
                self._refuse("relocatable", f"needs {library}, which the runner does not have", see)

    def _source_path(self) -> None:
        """The coverage build keeps the paths, since its report shows sources."""
        if self.pair.sanitizer == "coverage":
            return
        if str(self.built_in).encode() in self.target.path.read_bytes():
            self._refuse("source-path", f"names the folder {self.built_in}, where it was built",
                         f"strings {self._path()} | grep {shlex.quote(str(self.built_in))}")

    def _runs(self) -> None:
        archive = self.target.beside("_seed_corpus.zip")
        missing = self._missing_seeds(archive)
        started = self.fuzzer.start(self.target)
        if started.problem:
            self._refuse("start", started.problem, started.command)
        self._options(started)
        self._dictionary(started)
        if missing:
            self._refuse("seeds", missing, f"ls -l {shlex.quote(str(archive))}")
        elif not started.problem and archive.exists():
            self._coverage()

    def _missing_seeds(self, archive: Path) -> str:
        """Why there are no seeds. A target may have none, but those that the tree has must
        arrive."""
        if not archive.exists() and not project.has_seeds(self.target.name):
            return ""
        return unpack_seeds(archive, self.target.seeds)

    def _options(self, started: Answer) -> None:
        path = self.target.beside(".options")
        problem = options_problem(path)
        if not problem and isinstance(self.fuzzer, LibFuzzer):
            problem = self.fuzzer.strange_option(self.target)
        if problem:
            self._refuse("options", problem, started.command)

    def _dictionary(self, started: Answer) -> None:
        """A target may have none, but one that the tree has must arrive."""
        path = self.target.beside(".dict")
        if path.exists():
            problem = self.fuzzer.dictionary_problem(self.target, started)
        else:
            problem = "it is missing" if project.dictionary(self.target.name) else ""
        if problem:
            self._refuse("dictionary", f"{path.name}: {problem}", started.command)

    def _coverage(self) -> None:
        """No seed fails, and together they cover more than an empty input."""
        files = self.target.seed_files()
        self.seeds = len(files)
        nothing = self.target.seeds.with_name("empty")
        nothing.mkdir(exist_ok=True)
        blank = nothing / "empty"
        blank.write_bytes(self.fuzzer.blank)
        empty = self.fuzzer.cover(self.target, [blank], nothing)
        full = self.fuzzer.cover(self.target, files, self.target.seeds)
        self.covered_empty, self.covered_seeds = empty.covered, full.covered
        if full.problem:
            failing = self.fuzzer.first_failing(self.target, files)
            command = f"{self._path()} {shlex.quote(str(failing))}" if failing else full.command
            self._refuse("seeds", f"{failing.name if failing else 'all of them'}: {full.problem}",
                         command)
        elif empty.problem:
            self._refuse("start", f"an empty input: {empty.problem}", empty.command)
        elif full.covered <= empty.covered:
            self._refuse("coverage", f"the seeds cover {full.covered} edges, an empty corpus "
                         f"{empty.covered}", full.command)
