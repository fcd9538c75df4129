"""Every stress job in every build."""

from commands import stress
from commands.kit import project, report
from commands.kit.cause import same_as
from commands.kit.child import Outcome
from commands.kit.report import Report
from commands.nightly.job import MAILPROOF, Finding, Harvest, Job, Speed, Work, problem_of

# A repetition has this many times the seconds after which the finding came, within limits.
AGAIN_TIMES = 2
AGAIN_SECONDS_MIN = 3
AGAIN_SECONDS_MAX = 30


class StressJob(Job):
    """One stress job in one build. The program's own watchdog ends it 30 seconds after its time,
    the command 60 seconds after; the limit here must be between the two."""

    overtime_seconds = 45

    def __init__(self, job: str, build: str) -> None:
        super().__init__(f"stress {build}", job, job)
        self.build = build

    def builds(self) -> dict[str, list[str]]:
        return {stress.PRESETS[self.build]: [stress.PROGRAM]}

    def command(self, work: Work) -> list:
        return [*MAILPROOF, "stress", self.target, "--build", self.build, "--seconds", work.seconds,
                "--seed", work.seed, "--json", work.results]

    def reproduce(self, work: Work) -> str:
        return (f"./mailproof stress {self.target} --build {self.build} "
                f"--seconds {work.seconds} --seed {work.seed}")

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        written = work.read_results()
        if written is None:
            return Harvest(problem=problem_of(outcome))
        [result] = written["jobs"]
        if result["verdict"] != "ok":
            return Harvest([self._finding(work, outcome, result["verdict"], seconds)])
        figures = {name: result[name] for name in stress.FIGURES}
        return Harvest(figures=figures,
                       speed=Speed(figures["operations_per_second"], "operations/s"))

    def _finding(self, work: Work, outcome: Outcome, verdict: str, seconds: float) -> Finding:
        seen = report.of_text(outcome.output) or Report(verdict, "", verdict)
        reproduce = self.reproduce(work)
        return Finding(
            self.target, verdict, seen.sentence, same_as(seen, outcome.output), outcome.output,
            reproduce, settings=f"{reproduce}\n", again=self._again(work, seconds))

    def _again(self, work: Work, seconds: float) -> list[str]:
        enough = min(max(round(AGAIN_TIMES * seconds), AGAIN_SECONDS_MIN), AGAIN_SECONDS_MAX)
        program = project.binary(stress.PRESETS[self.build], stress.PROGRAM)
        return [str(program), self.target, "--seconds", str(enough), "--seed", str(work.seed)]


def all_jobs() -> list[Job]:
    """A job for each stress job in each build."""
    return [StressJob(job, build) for build in stress.PRESETS for job in stress.all_jobs()]
