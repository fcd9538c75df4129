"""One target of a moved $OUT, as the service's runner would start it: what its file says, and what
it does with seeds, options and a dictionary under each engine.

Everything is asked of the engine itself. Only how an engine says it differs, which is what the
classes at the end are for.
"""

import configparser
import json
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

from commands.kit import child
from commands.kit.child import LLVM_TOOLS, Outcome
from commands.oss_fuzz.service import (LIBFUZZER_ARGUMENTS, PATH, RUNNER_ASAN_OPTIONS,
                                       RUNNER_UBSAN_OPTIONS)

RUN_SECONDS_MAX = 300
TOOL_SECONDS_MAX = 120
START_RUNS = 4
AFL_SECONDS = 1

ENTRY_POINT = b"LLVMFuzzerTestOneInput"
ELF_MAGIC = b"\x7fELF"
ELF_CLASS_64 = 2
ELF_MACHINE_X86_64 = 62

# Bytes that a compiler's counter or guard takes, by the section that holds them: an edge each.
EDGE_SECTIONS = {"__sancov_cntrs": 1, "__sancov_guards": 4, "__llvm_prf_cnts": 8}

SECTION = re.compile(r"^\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)",
                     re.MULTILINE)
NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+)\]")
RUN_PATH = re.compile(r"\((?:RUNPATH|RPATH)\)\s+Library (?:runpath|rpath): \[(.*)\]")


@dataclass(frozen=True)
class Target:
    """A fuzz target in $OUT, with where its seeds are unpacked."""

    path: Path
    seeds: Path

    @property
    def name(self) -> str:
        return self.path.name

    def beside(self, suffix: str) -> Path:
        return self.path.with_name(self.name + suffix)

    def seed_files(self) -> list[Path]:
        return sorted(path for path in self.seeds.rglob("*") if path.is_file())


def find_targets(out: Path) -> list[Path]:
    """What the service takes for a target: an executable with the entry point. Its name is not
    looked at here, and neither is what the service ignores: libraries, and AFL++'s own tools."""
    found = []
    for path in sorted(out.iterdir()):
        if (path.is_file() and path.stat().st_mode & 0o111 and path.suffix != ".so"
                and not path.name.startswith("afl-")):
            content = path.read_bytes()
            if content.startswith(ELF_MAGIC) and ENTRY_POINT in content:
                found.append(path)
    return found


def unpack_seeds(archive: Path, folder: Path) -> str:
    """Why there are no seeds, or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as seeds:
            seeds.extractall(folder)
    except FileNotFoundError:
        return f"there is no {archive.name}"
    except zipfile.BadZipFile as error:
        return f"{archive.name}: {error}"
    return "" if any(path.is_file() for path in folder.rglob("*")) else f"{archive.name} is empty"


def is_x86_64(path: Path) -> bool:
    header = path.read_bytes()[:20]
    return header[4] == ELF_CLASS_64 and struct.unpack_from("<H", header, 18)[0] == (
        ELF_MACHINE_X86_64)


def sections(path: Path) -> dict[str, int]:
    """The size of each section in bytes."""
    text = _tool("llvm-readelf", "--section-headers", "--wide", path)
    return {name: int(size, 16) for name, size in SECTION.findall(text)}


def edges(path: Path) -> int:
    return sum(size // EDGE_SECTIONS[name] for name, size in sections(path).items()
               if name in EDGE_SECTIONS)


def libraries(path: Path) -> list[str]:
    return NEEDED.findall(_tool("llvm-readelf", "--dynamic", "--wide", path))


def run_paths(path: Path) -> list[str]:
    text = _tool("llvm-readelf", "--dynamic", "--wide", path)
    return [entry for paths in RUN_PATH.findall(text) for entry in paths.split(":") if entry]


def sanitizer_calls(path: Path) -> dict[str, int]:
    """How often the program calls each function of a sanitizer's."""
    script = ('"$1" --disassemble --no-show-raw-insn --no-leading-addr "$2" '
              r"| grep -oE 'call.*<__(asan|dfsan|msan|tsan|ubsan)_[a-z0-9_]+>' "
              "| sed 's/.*<//; s/>//' | sort | uniq -c")
    outcome = child.run(["bash", "-c", script, "bash", f"{LLVM_TOOLS}/llvm-objdump", path],
                        TOOL_SECONDS_MAX)
    pairs = (line.split() for line in outcome.output.splitlines())
    return {words[1]: int(words[0]) for words in pairs if len(words) == 2}


def has_thread_sanitizer(path: Path) -> bool:
    """Whether the real runtime is in it; weave's entry points have the same names."""
    return "_ZN6__tsan" in _tool("llvm-nm", "--defined-only", path)


def options_problem(path: Path) -> str:
    """Why the service would not read the options file, or not all of it."""
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
    """The options, or why they are none."""
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


def _tool(name: str, *words) -> str:
    return child.run([f"{LLVM_TOOLS}/{name}", *words], TOOL_SECONDS_MAX).output


@dataclass(frozen=True)
class Answer:
    """What a run of a target came to. `problem` is empty when it did what it should."""

    problem: str = ""
    command: str = ""
    covered: int = 0
    output: str = ""


class Engine:
    """How to start targets that are linked with one engine."""

    # Options of the sanitizers that the service's runner adds for this engine.
    asan_options = ""
    # What it begins with when there are no seeds.
    blank = b""

    def start(self, target: Target) -> Answer:
        """Starts it as the service's build check does, with its options and its dictionary."""
        raise NotImplementedError

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        """Runs the files of `folder`, and counts what is covered; a failing run is a problem."""
        raise NotImplementedError

    def dictionary_problem(self, target: Target, started: Answer) -> str:
        """Why the engine does not take the dictionary; `started` is what it said."""
        raise NotImplementedError

    def first_failing(self, target: Target, files: list[Path]) -> Path | None:
        return next((file for file in files if self._run(target, [file])[0].status != 0), None)

    def _run(self, target: Target, arguments: list, extra: dict[str, str] | None = None,
             program: list | None = None, talks: bool = False) -> tuple[Outcome, str]:
        """Runs it in $OUT with the runner's variables, and returns the command as a person would
        type it. When it `talks`, a sanitizer says which of its options it does not know."""
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


class LibFuzzer(Engine):
    """libFuzzer says most by itself."""

    DONE = f"Done {START_RUNS} runs"
    COVERAGE = re.compile(r"^#\d+\s+INITED cov: (\d+)", re.MULTILINE)
    STRANGE = re.compile(r"WARNING: (?:unrecognized flag '[^']*'|found \d+ unrecognized flag\(s\).*)")
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
        """The engine's or the sanitizer's complaint about the first option that it does not
        know."""
        outcome, _ = self._run(target, [*self._own_words(target), "-help=1"], talks=True)
        found = self.STRANGE.search(outcome.output)
        return found[0] if found else ""

    def _own_words(self, target: Target) -> list[str]:
        dictionary = target.beside(".dict")
        return [*(f"-{name}={value}" for name, value in _section(target, "libfuzzer").items()),
                *([f"-dict={dictionary.name}"] if dictionary.exists() else [])]


class Measured(LibFuzzer):
    """libFuzzer in a build for coverage reports: it cannot fuzz, only run files, which is all that
    the service does with it. What is covered comes from the compiler's own counters."""

    def start(self, target: Target) -> Answer:
        outcome, command = self._run(target, ["-merge=1", *self._own_words(target), target.seeds])
        problem = "" if outcome.status == 0 else f"it does not start: {_last_line(outcome)}"
        return Answer(problem, command, output=outcome.output)

    def cover(self, target: Target, files: list[Path], folder: Path) -> Answer:
        profile, merged = folder.with_suffix(".profraw"), folder.with_suffix(".profdata")
        outcome, command = self._run(target, files, {"LLVM_PROFILE_FILE": str(profile)})
        if outcome.status != 0:
            return Answer(_last_line(outcome), command)
        _tool("llvm-profdata", "merge", "-sparse", profile, "-o", merged)
        export = _tool("llvm-cov", "export", "-summary-only", f"-instr-profile={merged}",
                       target.path)
        profile.unlink(missing_ok=True)
        return Answer("", command, _covered_regions(export), outcome.output)


class Afl(Engine):
    """AFL++'s tools, each for one question."""

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
            "afl-showmap", "-m", "none", "-C", "-i", folder, "-o", folder.with_suffix(".map"), "--"])
        found = self.TUPLES.search(outcome.output)
        return Answer("" if found else _last_line(outcome), command,
                      int(found[1]) if found else 0, outcome.output)

    def dictionary_problem(self, target: Target, started: Answer) -> str:
        found = re.search(r"Loaded a total of (\d+) extras", started.output)
        if started.problem:
            return started.problem if "Malformed" in started.problem else ""
        return "" if found and int(found[1]) else "afl-fuzz read no entry from it"


class StandIn(Engine):
    """What links where honggfuzz would; see oss-fuzz/stand_in_engine.cpp. It reads no
    dictionary."""

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


def engine_of(sanitizer: str, engine: str) -> Engine:
    if sanitizer == "coverage":
        return Measured()
    return {"libfuzzer": LibFuzzer, "afl": Afl, "honggfuzz": StandIn}[engine]()


def _covered_regions(export: str) -> int:
    document = next((line for line in export.splitlines() if line.startswith("{")), None)
    if document is None:
        return 0
    return json.loads(document)["data"][0]["totals"]["regions"]["covered"]


def _last_line(outcome: Outcome) -> str:
    """What a failing run came to in one line: the sanitizer's or the oracle's word, if any."""
    if outcome.timed_out:
        return f"still running after {RUN_SECONDS_MAX} s"
    lines = [line.strip() for line in outcome.output.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("FINDING ", "SUMMARY: ", "ERROR: "))
               or "error while loading shared libraries" in line or "runtime error: " in line]
    return (telling or lines[-1:] or [f"status {outcome.status}, and it printed nothing"])[0]


def _abort_reason(outcome: Outcome) -> str:
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", outcome.output)
    found = re.search(r"PROGRAM ABORT : (.*)", text)
    return found[1] if found else _last_line(outcome)
