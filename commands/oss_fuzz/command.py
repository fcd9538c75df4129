"""`mailproof oss-fuzz-check`: builds the fuzz targets as OSS-Fuzz would, and checks what comes out.

The build gets a clone of the last commit, only the service's variables, and no network. It writes
into an empty $OUT, which is then moved; the clone is deleted before any target starts. Each pair of
sanitizer and fuzzer has a folder below build/oss-fuzz/. The moved targets stay there, so that the
commands printed with refusals work.
"""

import shutil
from pathlib import Path

from commands.kit import build, child, commandline, jsonfile, packages, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain, count,
                                  format_table, say)
from commands.oss_fuzz import checks, service
from commands.oss_fuzz.checks import Result
from commands.oss_fuzz.service import Pair

NAME = "oss-fuzz-check"
GROUP = commandline.CHECKS
SUMMARY = "Build the fuzz targets as OSS-Fuzz does, and check them"
DETAILS = ("Builds the last commit in a scratch checkout with the service's variables only, moves "
           "the result, and checks what the service's own build check does and what it misses.")

BUILD_SECONDS_MAX = 3600
GIT_SECONDS_MAX = 120

TABLE_HEADER = ["target", "edges", "empty corpus", "seeds", "seeds cover", "refused for"]


def add_options(command) -> None:
    command.add_argument("--sanitizer", choices=service.SANITIZERS, default="address",
                         help="default: %(default)s")
    command.add_argument("--engine", choices=service.ENGINES, default="libfuzzer",
                         help="the fuzzer, as in FUZZING_ENGINE (default: %(default)s); "
                              "afl and honggfuzz work with address only, centipede with none "
                              "too")
    commandline.add_json(command)


def run(options) -> int:
    pair = service.check_pair(options.sanitizer, options.engine)
    jsonfile.check(options.json)
    packages.ensure()
    project.check_disk_space()
    folder = project.BUILD / "oss-fuzz" / str(pair)
    with project.locked(folder.with_name(f"{pair}.lock")):
        commit = _make(pair, folder)
        results = _check(pair, folder)
    refusals = [refusal for result in results for refusal in result.refusals]
    say(format_table(TABLE_HEADER, [_row(result) for result in results]))
    jsonfile.write(options.json, {
        "sanitizer": pair.sanitizer, "engine": pair.engine, "commit": commit,
        "targets": [result.as_json() for result in results]})
    for refusal in refusals:
        say(f"REFUSED {refusal.target}: {refusal.check}: {refusal.what}; "
            f"reproduce: {refusal.reproduce}")
    say(f"{count(len(results), 'target')} of the {pair.sanitizer} build for {pair.engine}"
        f"{', stood in for' if pair.engine in service.STOOD_IN else ''}: "
        f"{count(len(refusals), 'refusal') if refusals else 'none refused'}")
    return EXIT_FINDING if refusals else EXIT_OK


def _make(pair: Pair, folder: Path) -> str:
    """Builds into folder/scratch/out, moves that to folder/out, and returns the commit's name."""
    shutil.rmtree(folder, ignore_errors=True)
    scratch = folder / "scratch"
    for name in ("src", "work", "out", "fuzzer"):
        (scratch / name).mkdir(parents=True)
    commit = _clone(scratch / "src" / "mailproof")
    library = service.make_library(pair.engine, scratch / "fuzzer")
    _build(service.build_variables(pair, library, scratch), folder)
    shutil.move(scratch / "out", folder / "out")
    shutil.rmtree(scratch)
    return commit


def _clone(checkout: Path) -> str:
    _git("clone", "--quiet", "--no-hardlinks", project.ROOT, checkout)
    if _git("-C", project.ROOT, "status", "--porcelain", "--untracked-files=no"):
        say("uncommitted changes are not built")
    commit = _git("-C", checkout, "rev-parse", "--short", "HEAD")
    say(f"building commit {commit}")
    return commit


def _git(*words) -> str:
    outcome = child.run(["git", *words], GIT_SECONDS_MAX)
    if outcome.status != 0:
        last = (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise CommandError(f"git {words[0]}: {last}")
    return outcome.output.strip()


def _build(variables: dict[str, str], folder: Path) -> None:
    """Runs build.sh as the service does, in the checkout."""
    log = folder / "build.log"
    checkout = f"{variables['SRC']}/mailproof"
    command = [*_without_network(), "env", "-i", f"--chdir={checkout}",
               *(f"{name}={value}" for name, value in variables.items()),
               "bash", "-eux", f"{checkout}/oss-fuzz/build.sh"]
    progress = Progress()
    with open(log, "wb") as output:
        running = child.Child(command, output)
        while not running.wait(build.PROGRESS_INTERVAL_SECONDS):
            progress.show(f"building for OSS-Fuzz, {running.seconds:.0f} s")
            if running.seconds > BUILD_SECONDS_MAX:
                running.end()
    progress.clear()
    if running.status != 0:
        complain("\n".join(build.first_errors(child.read_log(log))))
        raise CommandError(f"build.sh failed; all of it: {project.shown(log)}")
    say(f"built in {running.seconds:.0f} s")


def _without_network() -> list[str]:
    """The words before a command that take its network away, if the system allows it."""
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if shutil.which("unshare") and child.run([*words, "true"], GIT_SECONDS_MAX).status == 0:
            return words
    say("the build has network access: this system does not allow taking it away")
    return []


def _check(pair: Pair, folder: Path) -> list[Result]:
    progress = Progress()
    progress.show("checking the targets")
    results = checks.check(folder / "out", folder / "checks", pair,
                           service.targets_of(pair.sanitizer), folder / "scratch")
    progress.clear()
    return results


def _row(result: Result) -> list[str]:
    refused = ", ".join(dict.fromkeys(refusal.check for refusal in result.refusals))
    return [result.target, f"{result.edges:,}", f"{result.covered_empty:,}", f"{result.seeds:,}",
            f"{result.covered_seeds:,}", refused or "-"]
