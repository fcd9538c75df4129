"""What a fuzzer itself costs: the executions per CPU-second of a target that does nothing.

That target is the canary, whose inputs are too short here to ask for anything. It is built and run
as the others are, in the same run, so that a target's share of its speed says how much of the time
is the target's own.
"""

import functools
import tempfile
from pathlib import Path

from commands.fuzz import afl, libfuzzer
from commands.kit import child, project
from commands.kit.console import CommandError
from commands.kit.project import WEAVE, Sanitizer

TARGET = "canary"
# The shortest input that makes the canary fail has four bytes.
INPUT_BYTES_MAX = 2
SECONDS = 1
# AFL++ takes longer to start.
AFL_SECONDS = 3


def program(fuzzer: str, sanitizer: Sanitizer, jobs: int) -> tuple[str, str]:
    """The preset and the CMake target to build; of AFL++, that of its first instance."""
    if fuzzer == "libfuzzer":
        return project.libfuzzer_program(TARGET, sanitizer)
    if sanitizer is WEAVE:
        return WEAVE.fuzz_preset, f"{TARGET}_afl"
    return afl.strategies(jobs)[0].preset, TARGET


def programs(fuzzer: str, sanitizer: Sanitizer, jobs: int) -> list[tuple[str, str]]:
    """All that is built for it: AFL++ has our mutator here too, which takes a part of the time."""
    mutator = (afl.strategies(jobs)[0].preset, f"{TARGET}_mutator")
    return [program(fuzzer, sanitizer, jobs), *([mutator] if fuzzer == "afl" else [])]


@functools.cache
def executions_per_cpu_second(fuzzer: str, sanitizer: Sanitizer, jobs: int) -> float:
    """Measured once per run of the command."""
    binary = project.binary(*program(fuzzer, sanitizer, jobs))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        before = child.cpu_seconds_of_children()
        executions = (_executions_of_libfuzzer(binary, work) if fuzzer == "libfuzzer"
                      else _executions_of_afl(binary, work, jobs))
        used = child.cpu_seconds_of_children() - before
    return executions / max(used, 0.01)


def _executions_of_libfuzzer(binary: Path, work: Path) -> int:
    outcome = child.run([binary, f"-max_len={INPUT_BYTES_MAX}", f"-max_total_time={SECONDS}",
                         "-print_final_stats=1", work])
    if outcome.status != 0:
        raise CommandError(f"{TARGET} failed on an input of at most {INPUT_BYTES_MAX} bytes: "
                           f"{outcome.output.strip().splitlines()[-1:]}")
    return libfuzzer.numbers_in(outcome.output).executions


def _executions_of_afl(binary: Path, work: Path, jobs: int) -> int:
    seeds = work / "seeds"
    seeds.mkdir()
    (seeds / "shortest").write_bytes(afl.SHORTEST_INPUT)
    options = ["-t", str(afl.EXECUTION_MS_MAX), "-G", str(INPUT_BYTES_MAX)]
    environment = afl.environment_of(TARGET, afl.strategies(jobs)[0])
    return afl.executions_of(afl.run_instance(binary, seeds, work / "out", AFL_SECONDS, options,
                                              environment))
