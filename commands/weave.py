"""`mailproof weave`: a C or C++ program under the deterministic interleaving runtime."""

import argparse
import json
import os
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from commands.kit import build, commandline, jsonfile, packages, project
from commands.kit.console import EXIT_FINDING as EXIT_FAILED
from commands.kit.console import EXIT_OK, EXIT_USAGE, CommandError, complain, say
from commands.orders import scenario, table
from commands.orders.audit import Audit, Report
from commands.orders.program import Program

NAME = "weave"
GROUP = commandline.CHECKS
SUMMARY = "Explore the interleavings of a C or C++ program"
DETAILS = ("Compiles the file and runs its main() many times, each time with another order of its "
           "threads. Exit status: 66 a finding, 65 undecided, 2 if it does not compile, otherwise "
           "the program's own.")

PRESET = "dev"
SUFFIXES_CXX = {".cc", ".cpp", ".cxx", ".C"}
COMPILERS = project.BUILD / PRESET / "weave" / "bin"
STANDARD_CXX = "-std=c++20"
LIBRARIES = ("libstdc++", "libc++")
OPTIMISATIONS = ("0", "1", "2", "3", "s", "z", "g")
EXIT_UNDECIDED = 65
EXIT_FINDING = 66
UNDECIDED = {"limit", "unsupported", "unrepeatable", "none"}

AUDIT = "orders=audit"
AUDIT_SECONDS = 600
# The time of one search at most; a complete one ends earlier.
AUDIT_SECONDS_EACH = 10

GTEST_MAIN = project.ROOT / "weave" / "gtest" / "main.cpp"


def add_options(command) -> None:
    command.add_argument("program", metavar="PROGRAM",
                         help="a source file, C or C++ by its suffix")
    command.add_argument("options", nargs="*", metavar="NAME=VALUE",
                         help="an option of weave: mode=MODE executions=N "
                              "seconds=N seed=N depth=N preemptions=N memory=c20|sc steps=N "
                              "status=differs|any|ignore races=report|ignore ignore=LIST "
                              "suppressions=FILE replay=FILE trace=FILE json=FILE continue=0|1; "
                              "orders=audit says which memory orders are needed, in `seconds`; "
                              "weave/README.md explains them. With --gtest, more source files "
                              "too")
    command.set_defaults(more_words="options")
    command.add_argument("--gtest", action="store_true",
                         help="the files hold GoogleTest cases: explore each on its own, and say "
                              "ok, the finding with its replay, or that it is not concurrent")
    command.add_argument("--test", metavar="NAME", help="with --gtest: this one, with its report")
    command.add_argument("-I", dest="folders", action="append", default=[], metavar="FOLDER",
                         help="a folder of headers, for the compiler")
    command.add_argument("-O", dest="optimisation", choices=OPTIMISATIONS, default="0",
                         metavar="LEVEL", help="what an optimiser removes is not explored; "
                                               "default: 0")
    command.add_argument("--stdlib", choices=LIBRARIES, default=LIBRARIES[0],
                         help=f"the C++ library; default: {LIBRARIES[0]}")
    command.add_argument("--arguments", nargs=argparse.REMAINDER, default=[], metavar="ARGUMENT",
                         help="everything after it goes to the program")


def run(options) -> int:
    words = [word for word in options.options if "=" in word]
    sources = [Path(word) for word in (options.program, *options.options) if "=" not in word]
    if len(sources) > 1 and not options.gtest:
        raise CommandError(f"'{sources[1]}' is not NAME=VALUE (see ./mailproof weave --help)")
    if options.test and not options.gtest:
        raise CommandError("--test needs --gtest")
    compiler = Compiler(options.gtest, options.folders, options.optimisation, options.stdlib)
    if compiler.is_libcxx and options.gtest:
        raise CommandError("--gtest needs libstdc++, which GoogleTest is built with")
    for source in sources:
        if not source.is_file():
            raise CommandError(f"no such file: {source}")
        if source.suffix not in SUFFIXES_CXX | {".c"}:
            raise CommandError(f"'{source}' is neither C (.c) nor C++ "
                               f"({', '.join(sorted(SUFFIXES_CXX))})")
    packages.ensure()
    build.build(PRESET, compiler.runtime)
    with tempfile.TemporaryDirectory(prefix="weave-") as folder:
        program = Path(folder) / sources[0].stem
        if not compiler.make(sources, program):
            return EXIT_USAGE
        again = ["./mailproof", "weave", *compiler.words, *map(str, sources)]
        if AUDIT in words:
            return _audit(program, words, again, options.arguments)
        if not options.gtest:
            return _explore(program, words, again, options.arguments).returncode
        tests = GoogleTests(program, words, again, options.arguments)
        return tests.explore_one(options.test) if options.test else tests.explore_all()


def _explore(program: Path, words: list[str], again: list[str], arguments: list[str], **streams):
    environment = {**os.environ, "WEAVE_OPTIONS": ":".join(words),
                   "WEAVE_REPLAY": shlex.join(again)}
    return subprocess.run([program, *arguments], env=environment, check=False, **streams)


def _audit(program: Path, words: list[str], again: list[str], arguments: list[str]) -> int:
    """Prints which of the program's memory orders are needed. `seconds` is the time for all of it,
    `json` the file of the result."""
    given = dict(word.split("=", 1) for word in words)
    words = [word for word in words if word.split("=")[0] not in ("orders", "seconds", "json")]
    if "replay" in given:
        raise CommandError("orders=audit and replay do not go together")
    seconds = float(given.get("seconds", AUDIT_SECONDS))
    jsonfile.check(given.get("json"))
    one = Program(program, words, again, arguments, Path("weave-orders"))
    listing = program.parent / "sites"
    outcome = one.run([], listing, min(seconds, AUDIT_SECONDS_EACH))
    if not outcome.is_ok and not outcome.is_finding:
        raise CommandError(f"the program as it is has no verdict: {outcome.what or outcome.verdict}")
    sites: dict[tuple, scenario.Site] = {}
    scenario.read_sites(listing.read_text(), one.name, sites, Path.cwd())
    own = [site for _, site in sorted(sites.items()) if not scenario.is_of_a_library(site)]
    report: Report = Audit([one], own, seconds, AUDIT_SECONDS_EACH, say).run({one.name: outcome})
    say(table.text(report))
    jsonfile.write(given.get("json"), table.as_json(report))
    return EXIT_FAILED if outcome.is_finding else EXIT_OK


@dataclass(frozen=True)
class Compiler:
    """How a program is compiled and linked with weave."""

    is_gtest: bool = False
    folders: list[Path] = field(default_factory=list)
    optimisation: str = "0"
    library: str = LIBRARIES[0]

    @property
    def is_libcxx(self) -> bool:
        return self.library == "libc++"

    @property
    def runtime(self) -> list[str]:
        """What is built before it can be used."""
        suffix = "_libcxx" if self.is_libcxx else ""
        return [f"{target}{suffix}" for target in ("weave", "weave_wrapper", "weave_streams")]

    @property
    def words(self) -> list[str]:
        """The options of the command that ask for it."""
        return [*(["--gtest"] if self.is_gtest else []),
                *([f"-O{self.optimisation}"] if self.optimisation != "0" else []),
                *(["--stdlib", self.library] if self.is_libcxx else []),
                *(f"-I{folder}" for folder in self.folders)]

    def make(self, sources: list[Path], program: Path) -> bool:
        """Compiles the program; False if that fails, after the compiler's messages."""
        objects = []
        for number, source in enumerate([*sources, GTEST_MAIN] if self.is_gtest else sources):
            objects.append(program.parent / f"{number}.o")
            step = [*self._compiler(source.suffix == ".c"), f"-O{self.optimisation}",
                    *(f"-I{folder}" for folder in self.folders), "-c", source, "-o", objects[-1]]
            if subprocess.run(step, check=False).returncode != 0:
                complain(f"{source} does not compile")
                return False
        is_c = all(source.suffix == ".c" for source in sources) and not self.is_gtest
        step = [*self._compiler(is_c), *objects, "-o", program,
                *(["-lgtest"] if self.is_gtest else [])]
        if subprocess.run(step, check=False).returncode != 0:
            complain(f"{', '.join(map(str, sources))}: cannot be linked")
            return False
        return True

    def _compiler(self, is_c: bool) -> list:
        if is_c:
            return [COMPILERS / "weave-cc"]
        return [COMPILERS / "weave-c++", STANDARD_CXX,
                *(["-stdlib=libc++"] if self.is_libcxx else [])]


class GoogleTests:
    """The tests of a program, each explored on its own."""

    def __init__(self, program: Path, words: list[str], again: list[str], arguments: list[str]):
        self.program, self.words, self.again, self.arguments = program, words, again, arguments

    def names(self) -> list[str]:
        """As --gtest_list_tests prints them: a suite, and its tests indented."""
        listed = _explore(self.program, ["executions=1"], [], ["--gtest_list_tests"],
                          capture_output=True, text=True).stdout
        names, suite = [], ""
        for line in listed.splitlines():
            word = line.split("#")[0].strip()
            if line.startswith(" "):
                names.append(suite + word)
            elif word.endswith("."):
                suite = word
        return [name for name in names if ".DISABLED_" not in f".{name}"]

    def explore_one(self, name: str) -> int:
        if name not in self.names():
            raise CommandError(f"--test {name}: there is no such test")
        return self._explore(name, self.words).returncode

    def explore_all(self) -> int:
        names = self.names()
        if not names:
            raise CommandError("the files hold no GoogleTest cases")
        width = max(map(len, names))
        statuses = []
        for name in names:
            status, text = self.judge(name)
            statuses.append(status)
            print(f"{name:{width}}  {text}", flush=True)
        return max(statuses)

    def _explore(self, name: str, words: list[str], **streams):
        return _explore(self.program, ["status=any", *words], [*self.again, "--test", name],
                        [f"--gtest_filter={name}", *self.arguments], **streams)

    def judge(self, name: str) -> tuple[int, str]:
        """An exit status, and what to print."""
        result_file = self.program.parent / "result.json"
        first = self._judged(name, ["executions=1"], result_file)
        if first["verdict"] == "ok" and first["threads"] == 1:
            return 0, "not concurrent"
        result = self._judged(name, self.words, result_file)
        if result["verdict"] == "ok":
            complete = ", all of them" if result["complete"] else ""
            return 0, f"ok: {result['executions']} executions{complete}"
        status = EXIT_UNDECIDED if result["verdict"] in UNDECIDED else EXIT_FINDING
        return status, f"finding: {result['what']}{self._keep(name, result)}"

    def _judged(self, name: str, words: list[str], result_file: Path) -> dict:
        result_file.unlink(missing_ok=True)
        run = self._explore(name, [*words, f"json={result_file}"], capture_output=True, text=True)
        if not result_file.is_file():
            return {"verdict": "none", "what": run.stderr.splitlines()[-1] if run.stderr else "?",
                    "threads": 0, "reproduce": ""}
        return json.loads(result_file.read_text())

    @staticmethod
    def _keep(name: str, result: dict) -> str:
        """The command that repeats a finding; its schedule gets the name of the test."""
        if not result["reproduce"]:
            return ""
        schedule = result["reproduce"].split("replay=")[1]
        kept = "weave-" + name.replace("/", "-") + ".schedule"
        Path(schedule).rename(kept)
        return "\n    reproduce: " + result["reproduce"].replace(schedule, kept)
