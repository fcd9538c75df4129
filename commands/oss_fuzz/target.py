"""One target of a moved $OUT, started as the service's runner would: what it does with seeds,
options
and a dictionary under each fuzzer.

Everything is asked of the fuzzer itself. The classes at the end know how each one answers.
"""

import configparser
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from commands.kit import child
from commands.kit.child import Outcome
from commands.oss_fuzz import binary
from commands.oss_fuzz.service import (LIBFUZZER_ARGUMENTS, PATH, RUNNER_ASAN_OPTIONS,
                                       RUNNER_UBSAN_OPTIONS)

RUN_SECONDS_MAX = 300
START_RUNS = 4
AFL_SECONDS = 1


@dataclass(frozen=True)
class Target:
    """A fuzz target in $OUT, and the folder with its unpacked seeds."""

    path: Path
    seeds: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def beside(self, suffix: str) -> Path:
        """The file beside the target whose name ends with `suffix`."""
        return self.path.with_name(self.name + suffix)

    def seed_files(self) -> list[Path]:
        """The unpacked seeds."""
        return sorted(path for path in self.seeds.rglob("*") if path.is_file())


def unpack_seeds(archive: Path, folder: Path) -> str:
    """Unpacks the seeds; returns why there are none, or an empty text."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as seeds:
            seeds.extractall(folder)
    except FileNotFoundError:
        return f"there is no {archive.name}"
    except zipfile.BadZipFile as error:
        return f"{archive.name}: {error}"
    return "" if any(path.is_file() for path in folder.rglob("*")) else f"{archive.name} is empty"


def options_problem(path: Path) -> str:
    """Why the service would not read all of the options file; empty if it would."""
    known = {"libfuzzer", "afl", "honggfuzz", "asan", "ubsan", "msan", "env"}
    parser = _options(path)
    if isinstance(parser, str):
        return parser
    strange = [section for section in parser.sections() if section not in known]
    if strange:
        return f"{path.name}: the services read no section [{strange[0]}]"
    spaced = [value for section in parser.sections() for value in parser[section].values()
              if not value or re.search(r"\s", value)]
    return f"{path.name}: '{spaced[0]}' is not one word" if spaced else ""


def _options(path: Path) -> configparser.ConfigParser | str:
    """The options, or why they cannot be read."""
    parser = configparser.ConfigParser(interpolation=None)
    if not path.exists():
        return f"there is no {path.name}"
    try:
        parser.read(path)
    except configparser.Error as error:
        return f"{path.name}: {' '.join(str(error).split())}"
    return parser


def _section(target: Target, name: str) -> dict[str, str]:
    parser = _options(target.beside(".options"))
    if isinstance(parser, str) or not parser.has_section(name):
        return {}
    return dict(parser[name])


@dataclass(frozen=True)
class Answer:
    """The result of a run of a target. `problem` is empty if it did what it should."""

    problem: str = ""
    command: str = ""
    covered: int = 0
    output: str = ""


class Fuzzer:
    """Starts targets that are linked with one fuzzer."""

    # Options of the sanitizers that the service's runner adds for this fuzzer.
    asan_options = ""
    # The input with which it begins if there are no seeds.
    blank = b""

    def start(self, target: Target) -> Answer:
        """Starts the target as the service's build check does, with its options and dictionary."""
        raise NotImplementedError

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        """Runs the files of `folder` and counts the covered edges; a failing run is a problem."""
        raise NotImplementedError

    def dictionary_problem(self, target: Target, started: Answer) -> str:
        """Why the fuzzer rejects the dictionary; `started` is its answer to start()."""
        raise NotImplementedError

    def first_failing(self, target: Target, files: list[Path]) -> Path | None:
        """The first of the files that fails alone."""
        return next((file for file in files if self._run(target, [file])[0].status != 0), None)

    def _run(self, target: Target, arguments: list, extra: dict[str, str] | None = None,
             program: list | None = None, talks: bool = False) -> tuple[Outcome, str]:
        """Runs the target in $OUT with the runner's variables; also returns the command as a person
        would type it. If `talks`, a sanitizer names the options that it does not know."""
        loud = "verbosity=1" if talks else ""
        environment = {
            "PATH": PATH,
            "ASAN_OPTIONS": self._join(RUNNER_ASAN_OPTIONS, self.asan_options, loud,
                                       _section(target, "asan")),
            "UBSAN_OPTIONS": self._join(RUNNER_UBSAN_OPTIONS, "", loud, _section(target, "ubsan")),
            **(extra or {}), **_section(target, "env")}
        command = [*(program or []), target.path, *arguments]
        words = [f"{name}={value}" for name, value in environment.items()]
        outcome = child.run(["env", "-i", f"--chdir={target.path.parent}", *words, *command],
                            RUN_SECONDS_MAX)
        return outcome, " ".join(str(word) for word in command)

    @staticmethod
    def _join(options: str, more: str, loud: str, own: dict[str, str]) -> str:
        return ":".join(filter(None, [options, more, loud, *(f"{k}={v}" for k, v in own.items())]))


class LibFuzzer(Fuzzer):
    """libFuzzer, which answers most questions in its output."""

    DONE = f"Done {START_RUNS} runs"
    COVERAGE = re.compile(r"^#\d+\s+INITED cov: (\d+)", re.MULTILINE)
    STRANGE = re.compile(
        r"WARNING: (?:unrecognized flag '[^']*'|found \d+ unrecognized flag\(s\).*)")
    ENTRIES = re.compile(r"^Dictionary: (\d+) entries", re.MULTILINE)

    def start(self, target: Target) -> Answer:
        outcome, command = self._run(target, [
            *LIBFUZZER_ARGUMENTS, "-seed=1337", f"-runs={START_RUNS}", *self._own_words(target)])
        problem = "" if self.DONE in outcome.output and outcome.status == 0 else (
            f"it does not start: {_last_line(outcome)}")
        return Answer(problem, command, output=outcome.output)

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        outcome, command = self._run(target, [
            *LIBFUZZER_ARGUMENTS, "-runs=0", f"-artifact_prefix={folder.parent}/", folder])
        covered = self.COVERAGE.search(outcome.output)
        return Answer("" if outcome.status == 0 else _last_line(outcome), command,
                      int(covered[1]) if covered else 0, outcome.output)

    def dictionary_problem(self, target: Target, started: Answer) -> str:
        found = self.ENTRIES.search(started.output)
        wrong = re.search(r"ParseDictionaryFile: .*(?:\n.*)?", started.output)
        if wrong:
            return " ".join(wrong[0].split())
        return "" if started.problem or (found and int(found[1])) else (
            "libFuzzer read no entry from it")

    def strange_option(self, target: Target) -> str:
        """The warning of fuzzer or sanitizer about the first option that it does not know."""
        outcome, _ = self._run(target, [*self._own_words(target), "-help=1"], talks=True)
        found = self.STRANGE.search(outcome.output)
        return found[0] if found else ""

    def _own_words(self, target: Target) -> list[str]:
        dictionary = target.beside(".dict")
        return [*(f"-{name}={value}" for name, value in _section(target, "libfuzzer").items()),
                *([f"-dict={dictionary.name}"] if dictionary.exists() else [])]


class Measured(LibFuzzer):
    """libFuzzer in a build for coverage reports. It can only run files, and the service does
    nothing else with it. Coverage comes from the compiler's counters."""

    def start(self, target: Target) -> Answer:
        outcome, command = self._run(target, ["-merge=1", *self._own_words(target), target.seeds])
        problem = "" if outcome.status == 0 else f"it does not start: {_last_line(outcome)}"
        return Answer(problem, command, output=outcome.output)

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        profile, merged = folder.with_suffix(".profraw"), folder.with_suffix(".profdata")
        outcome, command = self._run(target, files, {"LLVM_PROFILE_FILE": str(profile)})
        if outcome.status != 0:
            return Answer(_last_line(outcome), command)
        binary.tool("llvm-profdata", "merge", "-sparse", profile, "-o", merged)
        export = binary.tool("llvm-cov", "export", "-summary-only", f"-instr-profile={merged}",
                       target.path)
        profile.unlink(missing_ok=True)
        return Answer("", command, _covered_regions(export), outcome.output)


class Afl(Fuzzer):
    """AFL++: one of its tools for each question."""

    asan_options = "abort_on_error=1:symbolize=0"
    blank = b"input\n"
    VARIABLES = {
        "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_UI": "1",
        "AFL_NO_AFFINITY": "1", "AFL_FORKSRV_INIT_TMOUT": "30000", "AFL_IGNORE_PROBLEMS": "1"}
    READY = "All set and ready to roll"
    TUPLES = re.compile(r"Captured (\d+) tuples")

    def start(self, target: Target) -> Answer:
        work = target.seeds.parent
        dictionary = target.beside(".dict")
        seed = work / "input"
        seed.mkdir(exist_ok=True)
        (seed / "input").write_bytes(self.blank)
        outcome, command = self._run(target, [], self.VARIABLES, [
            "afl-fuzz", "-m", "none", "-V", AFL_SECONDS, "-t", "5000+", "-i", seed, "-o",
            work / "afl", *(["-x", dictionary] if dictionary.exists() else []), "--"])
        problem = "" if self.READY in outcome.output else f"afl-fuzz: {_abort_reason(outcome)}"
        return Answer(problem, command, output=outcome.output)

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        outcome, command = self._run(target, files)
        if outcome.status != 0:
            return Answer(_last_line(outcome), command)
        outcome, command = self._run(target, [], self.VARIABLES, [
            "afl-showmap", "-m", "none", "-C", "-i", folder, "-o", folder.with_suffix(".map"),
            "--"])
        found = self.TUPLES.search(outcome.output)
        return Answer("" if found else _last_line(outcome), command,
                      int(found[1]) if found else 0, outcome.output)

    def dictionary_problem(self, target: Target, started: Answer) -> str:
        found = re.search(r"Loaded a total of (\d+) extras", started.output)
        if started.problem:
            return started.problem if "Malformed" in started.problem else ""
        return "" if found and int(found[1]) else "afl-fuzz read no entry from it"


class StandIn(Fuzzer):
    """The stand-in, oss-fuzz/stand_in_fuzzer.cpp. It reads no dictionary."""

    COUNTS = re.compile(r"^edges \d+ covered (\d+) runs (\d+)$", re.MULTILINE)

    def start(self, target: Target) -> Answer:
        outcome, command = self._run(target, [])
        problem = "" if self.COUNTS.search(outcome.output) else (
            f"it does not start: {_last_line(outcome)}")
        return Answer(problem, command, output=outcome.output)

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        outcome, command = self._run(target, files)
        found = self.COUNTS.search(outcome.output)
        if outcome.status != 0 or not found:
            return Answer(_last_line(outcome), command)
        return Answer("", command, int(found[1]), outcome.output)

    def dictionary_problem(self, target: Target, started: Answer) -> str:
        return ""


class Centipede(StandIn):
    """The stand-in asked in Centipede's way: the fuzzer is another process, which first has the
    target write its table of edges."""

    ENTRY_BYTES = 16

    def start(self, target: Target) -> Answer:
        started = super().start(target)
        table = target.seeds.with_name("pc_table")
        table.unlink(missing_ok=True)
        table.parent.mkdir(parents=True, exist_ok=True)
        flags = f":dump_binary_info:arg1={table}:arg2={table}.cf:arg3={table}.dso:"
        outcome, command = self._run(target, [], {"CENTIPEDE_RUNNER_FLAGS": flags})
        size = table.stat().st_size if table.exists() else 0
        wanted = binary.edges(target.path) * self.ENTRY_BYTES
        if started.problem or size == wanted > 0:
            return started
        why = f"its table of edges has {size} bytes instead of {wanted}" if table.exists() else (
            f"it writes no table of edges: {_last_line(outcome)}")
        return Answer(why, f"CENTIPEDE_RUNNER_FLAGS={flags} {command}", output=outcome.output)


def fuzzer_of(sanitizer: str, name: str) -> Fuzzer:
    """The fuzzer for a pair of the service."""
    if sanitizer == "coverage":
        return Measured()
    return {"libfuzzer": LibFuzzer, "afl": Afl, "honggfuzz": StandIn,
            "centipede": Centipede}[name]()


def _covered_regions(export: str) -> int:
    document = next((line for line in export.splitlines() if line.startswith("{")), None)
    if document is None:
        return 0
    return json.loads(document)["data"][0]["totals"]["regions"]["covered"]


def _last_line(outcome: Outcome) -> str:
    """One line about a failing run: the sanitizer's or the oracle's, if there is one."""
    if outcome.timed_out:
        return f"still running after {RUN_SECONDS_MAX} s"
    lines = [line.strip() for line in outcome.output.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("FINDING ", "SUMMARY: ", "ERROR: "))
               or "error while loading shared libraries" in line or "runtime error: " in line]
    return (telling or lines[-1:] or [f"status {outcome.status}, without output"])[0]


def _abort_reason(outcome: Outcome) -> str:
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", outcome.output)
    found = re.search(r"PROGRAM ABORT : (.*)", text)
    return found[1] if found else _last_line(outcome)
