"""The layers of checks that a fault can be held against, and how each runs.

A layer is a program of the slot (tests/bugs/layers): the product with the fault, and one kind of check.
It fails when it finds something. What is random has a budget, and may be tried with several seeds.
"""

import re
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from commands.kit import child, project, report
from commands.kit.console import CommandError
from commands.verify import scenarios

SUBJECTS = ("mailbox", "wait_list", "ready_queue", "scheduler", "sim")
# A fault may keep a program from ending. One that computes is ended by its processor time, so that a
# busy machine is not taken for a fault; the clock is for one that waits. Without a fault each takes a
# few seconds, and the unit tests of the scheduler half a minute.
CPU_SECONDS_MAX = 30
TEST_CPU_SECONDS_MAX = 120
SECONDS_MAX = 300
# What depends on timing runs this often.
THREAD_RUNS = 5
WEAVE_EXECUTIONS = 20000
# POS needs a thousand times longer than others where a thread polls: it takes until a low priority is
# drawn.
WEAVE_SECONDS = 20
FUZZ_SECONDS = 10
STRESS_SECONDS = 2
# A job that stands still for that long, or needs so much longer, is a hang.
STRESS_STANDSTILL_SECONDS = 30
STRESS_OVERTIME_SECONDS = 60
FUZZ_INPUT_SECONDS = 60
# The exit status of a scenario whose search is not complete, and of weave after a search that a limit
# ended.
VERIFY_UNDECIDED = 3
WEAVE_LIMIT = 65

EXECUTIONS = re.compile(r"\bexecutions=(\d+)|#(\d+)\s+(?:DONE|NEW|REDUCE|pulse)|"
                        r"stat::number_of_executed_units:\s+(\d+)|\"executions\": ?(\d+)")
VERDICT = re.compile(r'"verdict": ?"([a-z-]+)"')
ENVIRONMENT = child.sanitizer_options(ASAN_OPTIONS="symbolize=0:detect_leaks=0",
                                      UBSAN_OPTIONS="symbolize=0", TSAN_OPTIONS="symbolize=0")


@dataclass(frozen=True)
class Cell:
    """What one layer did with one fault: killed with a verdict, or survived. `broken` says that the
    fault does not compile."""

    killed: bool
    verdict: str
    seconds: float
    executions: int | None = None

    def as_json(self) -> dict:
        """The cell in a file of results."""
        return {"killed": self.killed, "verdict": self.verdict, "seconds": self.seconds,
                "executions": self.executions}


@dataclass(frozen=True)
class Layer:
    """A kind of check for one subject. `kind` is the column of the matrix."""

    kind: str
    preset: str
    program: str
    subject: str
    weight: int = 1  # cheap layers first
    job: str = ""
    mode: str = ""

    @property
    def name(self) -> str:
        """For the file of results."""
        return f"{self.kind}/{self.preset}/{self.program}{'/' + self.mode if self.mode else ''}"

    def run(self, seed: int, switch: dict[str, str] | None = None) -> Cell:
        """Runs the program, which has been built, until it finds something or its budget ends.
        `switch` chooses a mutant, by the environment."""
        start = time.monotonic()
        runs = THREAD_RUNS if self.kind == "threads" else 1
        outcome = None
        for _ in range(runs):
            outcome = self._run_once(seed, switch or {})
            if outcome.status != 0 or outcome.timed_out:
                break
        seconds = round(time.monotonic() - start, 2)
        counts = [int(next(filter(None, match))) for match in EXECUTIONS.findall(outcome.output)]
        executions = counts[-1] if counts else None
        if outcome.status == 0 and not outcome.timed_out:
            return Cell(False, "", seconds, executions)
        found = report.of_outcome(outcome)
        said = VERDICT.search(outcome.output)
        is_hang = outcome.timed_out or outcome.status == -signal.SIGXCPU
        verdict = ("hang" if is_hang else found.verdict if found else said[1] if said
                   else "failed")
        return Cell(True, verdict, seconds, executions)

    def _run_once(self, seed: int, switch: dict[str, str]) -> child.Outcome:
        program = project.binary(self.preset, f"layer_{self.program}")
        environment = {**ENVIRONMENT, **switch}
        if self.kind in ("replay", "threads", "weave bytes"):
            # The seeds first: they are made for the faults that are listed.
            folders = reversed(project.corpus_folders(self.program, self.preset))
            return _run([program, *folders], environment)
        if self.kind == "verify":
            return _verify(program, switch)
        if self.kind == "fuzz":
            return _fuzz(program, seed, environment)
        if self.kind == "stress":
            return _run([program, self.job, "--seconds", STRESS_SECONDS, "--seed", seed,
                         "--standstill-seconds", STRESS_STANDSTILL_SECONDS,
                         "--overtime-seconds", STRESS_OVERTIME_SECONDS], environment)
        if self.kind.startswith("weave"):
            with tempfile.TemporaryDirectory() as folder:
                # Where the schedule of a finding goes.
                outcome = _run(["env", "-C", folder, f"WEAVE_OPTIONS=mode={self.mode}:seed={seed}:"
                                f"executions={WEAVE_EXECUTIONS}:seconds={WEAVE_SECONDS}", program],
                               switch)
            return replace(outcome, status=0) if outcome.status == WEAVE_LIMIT else outcome
        if self.kind == "property":
            environment["RC_PARAMS"] = f"seed={seed} max_success=50"
        return _run([program, "--gtest_brief=1", "--gtest_fail_fast"], environment,
                    TEST_CPU_SECONDS_MAX)


def _fuzz(program: Path, seed: int, environment: dict[str, str]) -> child.Outcome:
    """From an empty corpus, so that it is not a replay."""
    folder = Path(tempfile.mkdtemp(prefix="layer-"))
    try:
        return _run([program, f"-max_total_time={FUZZ_SECONDS}", f"-seed={seed}",
                     f"-artifact_prefix={folder}/", "-print_final_stats=1",
                     f"-timeout={FUZZ_INPUT_SECONDS}"], environment)
    finally:
        shutil.rmtree(folder)


def _verify(program: Path, switch: dict[str, str]) -> child.Outcome:
    """Every scenario of a subject but the deep ones, up to the first that finds something. A search
    that the fault keeps from ending proves nothing, so it is not a finding."""
    for scenario in scenarios.list_of(program):
        if scenario.is_deep:
            continue
        outcome = _run([program, scenario.name], switch)
        is_undecided = outcome.status in (VERIFY_UNDECIDED, -signal.SIGXCPU) or outcome.timed_out
        if outcome.status != 0 and not is_undecided:
            return outcome
    return child.Outcome(0, "")


def _run(command: list, environment: dict[str, str],
         cpu_seconds: int = CPU_SECONDS_MAX) -> child.Outcome:
    """Runs a program within the limits: SIGXCPU first, and the kernel's SIGKILL later."""
    limit = f"--cpu={cpu_seconds}:{cpu_seconds + 10}"
    return child.run(["prlimit", limit, *command], SECONDS_MAX, environment)


def _of(subject: str, steps: list[str], threads: list[str], jobs: list[str], explored: list[str],
        explored_targets: list[str], has_properties: bool = True) -> list[Layer]:
    layers = [Layer("replay", "asan-ubsan", name, subject) for name in steps]
    layers += [Layer("weave random", "dev", f"explored_{name}", subject, 2, mode="random")
               for name in explored]
    layers += [Layer("threads", preset, name, subject, 2)
               for name in threads for preset in ("tsan", "asan-ubsan")]
    layers += [Layer("weave bytes", "dev", name, subject, 2) for name in explored_targets]
    layers += [Layer("verify", "dev", f"verify_{subject}", subject, 3)]
    layers += [Layer("unit", preset, f"unit_{subject}", subject, 3)
               for preset in ("asan-ubsan", "tsan")]
    layers += [Layer("property", "asan-ubsan", f"property_{subject}", subject, 4)] * has_properties
    layers += [Layer(f"weave {mode}", "dev", f"explored_{name}", subject, 4, mode=mode)
               for name in explored for mode in ("pct", "pos", "surw")]
    layers += [Layer("stress", "tsan", f"stress_{job}", subject, 5, job=job) for job in jobs]
    layers += [Layer("fuzz", "fuzz", f"fuzz_{name}", subject, 6) for name in steps]
    return layers


LAYERS = {
    "mailbox": _of("mailbox", ["mailbox_step"], ["mailbox_threads"],
                   ["mailbox_flood", "stalled_producer"], ["mailbox"], ["mailbox_weave"]),
    "wait_list": _of("wait_list", ["wait_list_step"], [], ["wait_list_churn", "condition_limit"],
                     ["wait_list", "wait_list_error"], []),
    "ready_queue": _of("ready_queue", ["ready_queue_step"], ["ready_queue_threads"], [], [],
                       ["ready_queue_weave"], has_properties=False),
    "scheduler": _of("scheduler", ["scheduler_step", "platform_pair"], ["scheduler_threads"],
                     ["graph_storm", "deferred_storm", "error_storm"], ["wait_list"],
                     ["scheduler_weave"]),
}
# Faults of the simulated machine show where the scheduler runs on it.
LAYERS["sim"] = LAYERS["scheduler"]
KINDS = ("unit", "property", "replay", "fuzz", "threads", "stress", "weave random", "weave pct",
         "weave pos", "weave surw", "weave bytes", "verify")

# Which subject a header of src/runtime belongs to; the others are the scheduler's.
HEADERS = {
    "mailbox": ("mailbox.h", "aicore_completion_mailbox_types.h", "pto_constants.h", "task_id.h"),
    "wait_list": ("wait_list.h", "completion_condition.h", "completion_scheduler.h"),
    "ready_queue": ("ready_queue.h",),
}


def subject_of(header: str) -> str:
    """The subject whose checks look at a header."""
    return next((subject for subject, names in HEADERS.items() if header in names), "scheduler")


def layers_of(subject: str) -> list[Layer]:
    """The layers of a subject, the cheap ones first."""
    if subject not in LAYERS:
        raise CommandError(f"bugs/{subject}: no layers are listed for it in commands/bugs/layers.py")
    return sorted(LAYERS[subject], key=lambda layer: layer.weight)
