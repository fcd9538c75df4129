"""What libFuzzer itself costs: the executions per CPU-second of a target that does nothing.

That target is the canary, whose inputs are too short here to ask for anything. It is built and run
as the others are, in the same run, so that a target's share of its speed says how much of the time
is the target's own.
"""

import functools
import tempfile

from commands.fuzz.libfuzzer import numbers_in
from commands.kit import child, project
from commands.kit.console import CommandError
from commands.kit.project import WEAVE, Sanitizer

TARGET = "canary"
# The shortest input that makes the canary fail has four bytes.
INPUT_BYTES_MAX = 2
SECONDS = 1


def program(sanitizer: Sanitizer) -> tuple[str, str] | None:
    """The preset and the CMake target to build; None under weave, which has no such target."""
    return None if sanitizer is WEAVE else project.libfuzzer_program(TARGET, sanitizer)


@functools.cache
def executions_per_cpu_second(sanitizer: Sanitizer) -> float:
    """Measured once per run of the command; 0 under weave."""
    if sanitizer is WEAVE:
        return 0.0
    with tempfile.TemporaryDirectory() as folder:
        before = child.cpu_seconds_of_children()
        outcome = child.run([project.binary(*program(sanitizer)), f"-max_len={INPUT_BYTES_MAX}",
                             f"-max_total_time={SECONDS}", "-print_final_stats=1", folder])
        used = child.cpu_seconds_of_children() - before
    if outcome.status != 0:
        raise CommandError(f"{TARGET} failed on an input of at most {INPUT_BYTES_MAX} bytes: "
                           f"{outcome.output.strip().splitlines()[-1:]}")
    return numbers_in(outcome.output).executions / max(used, 0.01)
