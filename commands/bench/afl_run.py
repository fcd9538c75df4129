"""One run of AFL++ on a program with a seeded bug, up to the first input that fails.

AFL++ works for the seconds that it is given by the clock, and does not take an input that fails
to begin with. It finishes what it has begun when an input has failed, so the executions up to there
are read from the name of the file that it saves.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from commands.fuzz import afl
from commands.kit import project

# "id:000000,sig:06,src:000000+000066,time:184,execs:1471,op:havoc,rep:4"; an input that hangs is in
# another folder, with the same name.
SAVED = re.compile(r"^id:.*,execs:(\d+),")


@dataclass(frozen=True)
class Failing:
    """The first input that failed, and how many executions came before its end; none is None."""

    input: Path | None
    executions: int


def program_of(name: str) -> Path:
    """The build of the planted program that AFL++ runs."""
    return project.binary(afl.ADDRESS, name)


def run(target: str, program: Path, corpus: Path, work: Path, seed: int, seconds: int) -> Failing:
    """Fuzzes `program`, which is `target` with a bug, from the inputs of `corpus`. Writes below
    `work`, which is empty. CommandError if AFL++ does not work."""
    seeds, out = work / "seeds", work / "out"
    seeds.mkdir()
    for number, content in enumerate(_contents(corpus)):
        (seeds / str(number)).write_bytes(content)
    environment = {**afl.environment_of(target, afl.ALONE), "AFL_BENCH_UNTIL_CRASH": "1"}
    return first_failing(afl.run_instance(program, seeds, out, seconds,
                                          ["-s", str(seed), *afl.options_of(target)],
                                          environment))


def first_failing(instance: Path) -> Failing:
    """The first input that failed, of what an instance has left in its folder."""
    saved = [Failing(path, int(found[1])) for folder in ("crashes", "hangs")
             for path in sorted((instance / folder).iterdir()) if (found := SAVED.match(path.name))]
    if saved:
        return min(saved, key=lambda failing: failing.executions)
    return Failing(None, afl.executions_of(instance))


def _contents(corpus: Path) -> list[bytes]:
    contents = [path.read_bytes() for path in project.files_below(corpus)]
    return [content for content in contents if content] or [afl.SHORTEST_INPUT]
