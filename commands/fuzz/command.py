"""`mailproof fuzz`: replays the corpus, fuzzes each target for its share of the time, and reports.

A failing corpus file is a finding like any other. A finding stops neither its target nor the
others. Every input that a fuzzer saves is moved to findings/ first, even if the run is interrupted.
At the end the inputs are brought to their causes, as `mailproof triage` does.
"""

import argparse
import contextlib
import os
import time
from dataclasses import replace
from pathlib import Path

from commands.fuzz import afl, exchange, findings, yardstick
from commands.fuzz.afl import Afl
from commands.fuzz.findings import Finding
from commands.fuzz.fuzzer import Fuzzer, Result, Suspect
from commands.fuzz.libfuzzer import LibFuzzer
from commands.kit import (build, child, commandline, jsonfile, packages, project, replay, report,
                          reproducer, subject)
from commands.kit.console import (EXIT_FINDING, EXIT_OK, EXIT_USAGE, CommandError, Progress,
                                  complain, count, format_table, say)
from commands.kit.project import ADDRESS, WEAVE, Sanitizer
from commands.kit.report import Report
from commands.triage import work as triage

NAME = "fuzz"
GROUP = commandline.START
SUMMARY = "Replay the corpus, then fuzz the targets"
DETAILS = ("A failing input is kept in findings/TARGET/ and reported with the command that runs it "
           "again; the target is fuzzed on for the rest of its time. At the end the inputs are "
           "grouped by cause, as `triage` does.")

SECONDS_DEFAULT = 60
TARGET_SECONDS_MIN = 5
POLL_SECONDS = 0.1
# Inputs of one target that are judged; fork mode may save more.
JUDGED_MAX = 100
# The time to judge what failed, a race needs 20 runs; and to minimise one cause, and all of them.
# `triage` continues what is not done by then.
JUDGE_SECONDS = 30
MINIMISE_SECONDS = 10
MINIMISE_SECONDS_ALL = 30

FUZZERS = {"libfuzzer": LibFuzzer, "afl": Afl}

TABLE_HEADER = ["target", "executions", "executions/s", "CPU s", "executions/CPU s",
                "of an empty target", "edges", "corpus", "new inputs", "findings"]


def add_options(command) -> None:
    command.add_argument("targets", nargs="*", metavar="TARGET", help="default: every target")
    command.add_argument("--seconds", type=commandline.positive, default=SECONDS_DEFAULT,
                         metavar="N",
                         help="the time for all targets together (default: %(default)s); each "
                              f"gets at least {TARGET_SECONDS_MIN}")
    command.add_argument("--fuzzer", choices=list(FUZZERS), default="libfuzzer",
                         help="default: %(default)s")
    # The option's former name.
    command.add_argument("--engine", dest="fuzzer", choices=list(FUZZERS),
                         default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    command.add_argument("--jobs", type=commandline.positive, default=1, metavar="N",
                         help="processes on one target at a time, which share their inputs: fork "
                              "mode of libFuzzer, or instances of AFL++ with different strategies "
                              "(default: %(default)s)")
    command.add_argument("--sync", metavar="DIR",
                         help="an existing folder, possibly on a network disk, through which "
                              "machines exchange inputs")
    commandline.add_sanitizer(
        command, "what to look for; default: thread for *_threads, else address")
    subject.add_option(command)
    subject.add_export(command)
    commandline.add_json(command)


def run(options) -> int:
    tree = subject.use(options)
    if tree and options.fuzzer != "libfuzzer":
        raise CommandError("--subject works with --fuzzer libfuzzer only")
    targets = project.check_targets(options.targets)
    sanitizers = _sanitizers(targets, options.fuzzer, options.sanitizer)
    jsonfile.check(options.json)
    exchange.check(options.sync)
    _build(sanitizers, options.fuzzer, options.jobs)
    # After the build, which writes the seeds.
    corpus = {target: project.corpus_files(target) for target in targets}
    _mention_cores(options.jobs)
    with _locked(targets):
        found = _replay_corpus(corpus)
        results = _compared(_run_all(_fuzzers(sanitizers, options)), options.fuzzer,
                            options.jobs)
        found += [finding for result in results for finding in _judge(result)]
        found = _with_causes(found)
    found = findings.distinct(found)
    status = _conclude(results, found, options.json)
    if tree and options.export:
        reproducer.export(tree, [(finding.target, finding.sanitizer,
                                  finding.minimised or finding.input, finding.report)
                                 for finding in found],
                          Path(options.export).absolute(), options.gtest)
    return status


def split_seconds(total: int, targets: int) -> list[int]:
    """Each target's share of `total` seconds of wall time, at least the minimum."""
    share, rest = divmod(total, targets)
    return [max(share + (number < rest), TARGET_SECONDS_MIN) for number in range(targets)]


def _sanitizers(targets: list[str], fuzzer: str, name: str | None) -> dict[str, Sanitizer]:
    """The sanitizer for each target: the named one, or the target's own. Targets under weave always
    have weave. AFL++ does not find races."""
    if fuzzer == "afl" and name == "thread":
        raise CommandError("--fuzzer afl works with --sanitizer address only, not with thread")
    chosen = ADDRESS if fuzzer == "afl" else project.SANITIZERS.get(name)
    own = {target: project.fuzz_sanitizer(target) for target in targets}
    return {target: chosen if chosen and sanitizer is not WEAVE else sanitizer
            for target, sanitizer in own.items()}


def _build(sanitizers: dict[str, Sanitizer], fuzzer: str, jobs: int) -> None:
    """Builds the fuzzers, and the replay binaries that judge what they find."""
    packages.ensure()
    programs = [(sanitizer.replay_preset, target) for target, own in sanitizers.items()
                for sanitizer in dict.fromkeys((own, *project.replay_sanitizers(target)))]
    if fuzzer == "libfuzzer":
        programs += [project.libfuzzer_program(target, own) for target, own in sanitizers.items()]
    else:
        for own_preset in afl.presets(jobs):
            for target in sanitizers:
                preset, name = project.afl_program(target, own_preset)
                programs += [(preset, name), (preset, f"{target}_mutator")]
    for own in dict.fromkeys(sanitizers.values()):
        programs += yardstick.programs(fuzzer, own, jobs)
    for preset in dict.fromkeys(preset for preset, _ in programs):
        build.build(preset, list(dict.fromkeys(name for of, name in programs if of == preset)))


def _mention_cores(jobs: int) -> None:
    cores = len(os.sched_getaffinity(0))
    if jobs > cores:
        say(f"{count(jobs, 'job')} share {count(cores, 'core')}: more jobs than cores do not "
            "find more")


@contextlib.contextmanager
def _locked(targets: list[str]):
    """Two runs of one target would use the same scratch folder, so the second waits."""
    with contextlib.ExitStack() as locks:
        for target in sorted(targets):
            locks.enter_context(project.locked(project.BUILD / "fuzz-work" / f"{target}.lock"))
        yield


def _replay_corpus(corpus: dict[str, list[Path]]) -> list[Finding]:
    failures = replay.replay_all(corpus)
    say(replay.summary(corpus, failures))
    return [Finding(failure.target, failure.sanitizer, failure.input, failure.report)
            for failure in failures]


def _fuzzers(sanitizers: dict[str, Sanitizer], options) -> list[Fuzzer]:
    fuzzer = FUZZERS[options.fuzzer]
    shares = split_seconds(options.seconds, len(sanitizers))
    shared = Path(options.sync).absolute() if options.sync else None
    return [fuzzer(target, sanitizer, seconds, options.jobs, shared)
            for (target, sanitizer), seconds in zip(sanitizers.items(), shares)]


def _run_all(fuzzers: list[Fuzzer]) -> list[Result]:
    """One target after the other, each with all jobs, so that these share their inputs."""
    return [_run_one(fuzzer) for fuzzer in fuzzers]


def _compared(results: list[Result], fuzzer: str, jobs: int) -> list[Result]:
    """The results with the speed of an empty target beside them, but for a fuzzer that did not
    work: the empty target would only fail like it."""
    return [result if result.problem else
            replace(result, empty_target=yardstick.executions_per_cpu_second(
                fuzzer, result.sanitizer, jobs)) for result in results]


def _run_one(fuzzer: Fuzzer) -> Result:
    progress = Progress()
    before = child.cpu_seconds_of_children()
    try:
        fuzzer.start()
        while fuzzer.is_running():
            progress.show(fuzzer.progress(), fuzzer.details())
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        progress.clear()
        _save(fuzzer)
        raise
    progress.clear()
    used = child.cpu_seconds_of_children() - before
    return replace(fuzzer.result(), cpu_seconds=used)


def _save(fuzzer: Fuzzer) -> None:
    """Keeps what an interrupted fuzzer has found."""
    fuzzer.interrupt()
    for suspect in fuzzer.result().suspects:
        say(f"kept a failing input of {fuzzer.target}: {project.shown(suspect.input)}")


def _judge(result: Result) -> list[Finding]:
    """Runs each saved input again, alone, and keeps those that are findings."""
    judged = (_judge_one(result, suspect) for suspect in result.suspects[:JUDGED_MAX])
    if len(result.suspects) > JUDGED_MAX:
        say(f"{result.target}: {len(result.suspects) - JUDGED_MAX} more inputs are in findings/; "
            "./mailproof triage judges them")
    return [finding for finding in judged if finding is not None]


def _with_causes(found: list[Finding]) -> list[Finding]:
    """The findings with the folders of their causes. One whose input there was no time to judge has
    the cause of the first with the same report."""
    inputs: dict[str, list[Path]] = {}
    for finding in findings.new_reports_first(found):
        if finding.input.is_file() and finding.input not in inputs.get(finding.target, []):
            inputs.setdefault(finding.target, []).append(finding.input)
    groups = {path: cause.group
              for cause in triage.triage(inputs, MINIMISE_SECONDS, MINIMISE_SECONDS_ALL,
                                         JUDGE_SECONDS)
              for path in cause.inputs}
    by_report: dict[tuple[str, str], triage.Group] = {}
    for finding in found:
        if finding.input in groups:
            by_report.setdefault(finding.fault, groups[finding.input])
    return [_with_cause(finding, groups.get(finding.input) or by_report.get(finding.fault))
            for finding in found]


def _with_cause(finding: Finding, group: triage.Group | None) -> Finding:
    return replace(finding, cause=group.folder, minimised=group.input) if group else finding


def _judge_one(result: Result, suspect: Suspect) -> Finding | None:
    """The replay binary's verdict comes first. A race that it does not repeat is still a race."""
    failures = replay.replay(result.target, result.sanitizer, [suspect.input])
    if not failures and not suspect.certain:
        return None
    kept = findings.keep(result.target, suspect.input, suspect.name)
    log = suspect.log or result.log
    again = failures[0].report if failures else _fuzzer_report(log)
    finding = Finding(result.target, result.sanitizer, kept, again, suspect.seen_as,
                      result.times.get(suspect.seen_as, 1))
    findings.keep_report(finding, failures[0].output if failures else log)
    return finding


def _fuzzer_report(log: str) -> Report:
    seen = report.of_text(log)
    sentence = "the fuzzer saw it once; the input alone does not fail again"
    verdict = seen.verdict if seen else "crash"
    return Report(verdict, f"{seen.sentence} ({sentence})" if seen else sentence, verdict)


def _conclude(results: list[Result], found: list[Finding], json_name: str | None) -> int:
    by_target = {result.target: [finding for finding in found if finding.target == result.target]
                 for result in results}
    say(format_table(TABLE_HEADER, [_row(result, by_target[result.target]) for result in results]))
    findings.show(found)
    jsonfile.write(json_name, {"targets": [_as_json(result, by_target[result.target])
                                           for result in results]})
    for result in results:
        if result.problem:
            complain(f"{result.target}: {result.problem}")
    if found:
        say()
        say(f"{count(len(found), 'finding')}; the inputs are in findings/")
        return EXIT_FINDING
    return EXIT_USAGE if any(result.problem for result in results) else EXIT_OK


def _row(result: Result, found: list[Finding]) -> list[str]:
    numbers = result.numbers
    speed = [f"{numbers.executions:,}", f"{result.executions_per_second:,}",
             f"{result.cpu_seconds:.1f}", f"{result.executions_per_cpu_second:,}",
             _percent(result.share_of_empty)]
    counts = [numbers.edges, numbers.corpus_inputs, result.new_inputs, len(found)]
    return [result.target, *speed, *(f"{number:,}" for number in counts)]


def _percent(share: float) -> str:
    """With a decimal where there would be one digit; targets with threads are below 1 %."""
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}"


def _as_json(result: Result, found: list[Finding]) -> dict:
    return {
        "name": result.target,
        "executions": result.numbers.executions,
        "executions_per_second": result.executions_per_second,
        "cpu_seconds": round(result.cpu_seconds, 3),
        "executions_per_cpu_second": result.executions_per_cpu_second,
        "share_of_empty_target": round(result.share_of_empty, 4),
        "edges": result.numbers.edges,
        "corpus_inputs": result.numbers.corpus_inputs,
        "new_inputs": result.new_inputs,
        "taken_inputs": result.taken_inputs,
        "instances": [{"name": name, "executions": numbers.executions, "edges": numbers.edges,
                       "corpus_inputs": numbers.corpus_inputs, "failing_inputs": numbers.failing}
                      for name, numbers in result.instances.items()],
        "findings": [finding.as_json() for finding in found],
    }
