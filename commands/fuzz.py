"""`mailproof fuzz`: replays the corpus, fuzzes each target for its share of the time, reports.

A failing corpus file is a finding like any other, and a finding in one target does not keep the
others from running. Every input that an engine saves is in findings/ before anything else is done
with it, also when the run is interrupted.
"""

import contextlib
import os
import time
from pathlib import Path

from commands import afl, build, exchange, findings, jsonfile, project, replay, report, setup
from commands.afl import Afl
from commands.console import (EXIT_FINDING, EXIT_OK, EXIT_USAGE, CommandError, Progress, complain,
                              count, format_table, say)
from commands.findings import Finding
from commands.fuzzer import Fuzzer, Result, Suspect
from commands.libfuzzer import LibFuzzer
from commands.project import ADDRESS, WEAVE, Sanitizer
from commands.report import Report

SECONDS_DEFAULT = 60
TARGET_SECONDS_MIN = 5
POLL_SECONDS = 0.1

TABLE_HEADER = ["target", "executions", "executions/s", "edges", "corpus", "new inputs",
                "findings"]


def run(options) -> int:
    targets = project.check_targets(options.targets)
    sanitizers = _sanitizers(targets, options.engine, options.sanitizer)
    jsonfile.check(options.json)
    exchange.check(options.sync)
    _build(sanitizers, options.engine, options.jobs)
    # After the build, which writes the seeds.
    corpus = {target: project.corpus_files(target) for target in targets}
    _mention_cores(options.jobs)
    with _locked(targets):
        found = _replay_corpus(corpus)
        results = _run_all(_fuzzers(sanitizers, options))
        found += [finding for result in results for finding in _judge(result)]
    return _conclude(results, findings.distinct(found), options.json)


def split_seconds(total: int, targets: int) -> list[int]:
    """Each target's share, so that all of them together take `total` seconds of wall time."""
    share, rest = divmod(total, targets)
    return [max(share + (number < rest), TARGET_SECONDS_MIN) for number in range(targets)]


def _sanitizers(targets: list[str], engine: str, name: str | None) -> dict[str, Sanitizer]:
    """What each target is fuzzed under: as asked for, or what suits it, and weave in any case for its
    own. AFL++ knows no races."""
    if engine == "afl" and name == "thread":
        raise CommandError("AFL++ works with the address sanitizer only")
    chosen = ADDRESS if engine == "afl" else project.SANITIZERS.get(name)
    own = {target: project.fuzz_sanitizer(target) for target in targets}
    return {target: chosen if chosen and sanitizer is not WEAVE else sanitizer
            for target, sanitizer in own.items()}


def _build(sanitizers: dict[str, Sanitizer], engine: str, jobs: int) -> None:
    """The engine's binaries, and the replay binaries that judge what they find."""
    setup.ensure()
    programs = [(sanitizer.replay_preset, target) for target, own in sanitizers.items()
                for sanitizer in dict.fromkeys((own, *project.replay_sanitizers(target)))]
    if engine == "libfuzzer":
        programs += [project.libfuzzer_program(target, own) for target, own in sanitizers.items()]
    else:
        for own_preset in afl.presets(jobs):
            for target in sanitizers:
                preset, name = project.afl_program(target, own_preset)
                programs += [(preset, name), (preset, f"{target}_mutator")]
    for preset in dict.fromkeys(preset for preset, _ in programs):
        build.build(preset, list(dict.fromkeys(name for of, name in programs if of == preset)))


def _mention_cores(jobs: int) -> None:
    cores = len(os.sched_getaffinity(0))
    if jobs > cores:
        say(f"{count(jobs, 'job')} share {count(cores, 'core')}: slower each, not faster in all")


@contextlib.contextmanager
def _locked(targets: list[str]):
    """Two runs on one target would mix up their scratch folders; the second waits."""
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
    engine = {"afl": Afl, "libfuzzer": LibFuzzer}[options.engine]
    shares = split_seconds(options.seconds, len(sanitizers))
    shared = Path(options.sync).absolute() if options.sync else None
    return [engine(target, sanitizer, seconds, options.jobs, shared)
            for (target, sanitizer), seconds in zip(sanitizers.items(), shares)]


def _run_all(fuzzers: list[Fuzzer]) -> list[Result]:
    """One target after the other, each with all the jobs, so that they can help each other."""
    return [_run_one(fuzzer) for fuzzer in fuzzers]


def _run_one(fuzzer: Fuzzer) -> Result:
    progress = Progress()
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
    return fuzzer.result()


def _save(fuzzer: Fuzzer) -> None:
    """Keeps what an interrupted engine has found."""
    fuzzer.interrupt()
    for suspect in fuzzer.result().suspects:
        say(f"kept a failing input of {fuzzer.target}: {project.shown(suspect.input)}")


def _judge(result: Result) -> list[Finding]:
    """Runs each saved input again, alone, and keeps those that count."""
    judged = (_judge_one(result, suspect) for suspect in result.suspects)
    return [finding for finding in judged if finding is not None]


def _judge_one(result: Result, suspect: Suspect) -> Finding | None:
    """The replay binary's word comes first; a race that it does not repeat was still a race."""
    failures = replay.replay(result.target, result.sanitizer, [suspect.input])
    if not failures and not suspect.certain:
        return None
    kept = findings.keep(result.target, suspect.input, suspect.name)
    again = failures[0].report if failures else _engine_report(result)
    finding = Finding(result.target, result.sanitizer, kept, again)
    findings.keep_report(finding, failures[0].output if failures else result.log)
    return finding


def _engine_report(result: Result) -> Report:
    seen = report.of_text(result.log)
    sentence = "the engine saw it once; the input alone does not fail again"
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
    counts = [numbers.executions, result.executions_per_second, numbers.edges,
              numbers.corpus_inputs, result.new_inputs, len(found)]
    return [result.target, *(f"{number:,}" for number in counts)]


def _as_json(result: Result, found: list[Finding]) -> dict:
    return {
        "name": result.target,
        "executions": result.numbers.executions,
        "executions_per_second": result.executions_per_second,
        "edges": result.numbers.edges,
        "corpus_inputs": result.numbers.corpus_inputs,
        "new_inputs": result.new_inputs,
        "taken_inputs": result.taken_inputs,
        "instances": [{"name": name, "executions": numbers.executions, "edges": numbers.edges,
                       "corpus_inputs": numbers.corpus_inputs, "failing_inputs": numbers.failing}
                      for name, numbers in result.instances.items()],
        "findings": [finding.as_json() for finding in found],
    }
