"""`mailproof minimize`: makes one failing input small, and keeps its verdict and cause."""

import os
from pathlib import Path

from commands.kit import child, commandline, explained, project, replay, storage, subject
from commands.kit.console import EXIT_FINDING, CommandError, Progress, say
from commands.kit.project import WEAVE
from commands.triage import judge
from commands.triage.judge import Judgement, SameCause
from commands.triage.minimiser import Format, Minimiser, sizes_of

NAME = "minimize"
GROUP = commandline.INPUTS
SUMMARY = "Make a failing input small"
DETAILS = ("Operations, threads, switches, stale reads and wishes are taken away or made plain as long as "
           "the input fails with the same verdict at the same place. Shows why what is left fails "
           "if weave runs the target, and otherwise the input as text.")

SECONDS_DEFAULT = 120
SUFFIX = ".min"


def add_options(command) -> None:
    command.add_argument("file", metavar="FILE", help="an input that fails")
    commandline.add_target(command)
    subject.add_option(command)
    command.add_argument("--out", metavar="OUT",
                         help=f"the file to write (default: FILE{SUFFIX})")
    command.add_argument("--seconds", type=commandline.positive, default=SECONDS_DEFAULT,
                         metavar="N", help="the time for it (default: %(default)s)")


def run(options) -> int:
    path = Path(os.path.abspath(options.file))
    if not path.is_file():
        raise CommandError(f"no such file: {options.file}")
    subject.use(options)
    target = project.check_targets([options.target])[0] if options.target else (
        project.target_of(path))
    out = Path(os.path.abspath(options.out)) if options.out else path.with_name(path.name + SUFFIX)
    storage.check_replaced("--out", out)
    replay.prepare([target])
    judged = judge.judge(target, path)
    if judged is None:
        raise CommandError(f"{options.file} does not fail, so there is nothing to keep")
    before = path.read_bytes()
    after, is_done = minimize(judged, path, out, options.seconds)
    form = judge.format_of(target)
    say(_page(target, out).rstrip("\n"))
    say(f"{project.shown(out)}: {sizes_of(after, form)}, from {sizes_of(before, form)}"
        f"{'' if is_done else '; the time was up before the end'}")
    return EXIT_FINDING


def minimize(judged: Judgement, path: Path, out: Path, seconds: float) -> tuple[bytes, bool]:
    """Writes the smallest input with the judgement's cause to `out`; returns it, and whether
    nothing more can be taken away."""
    target = judged.cause.target
    form = judge.format_of(target)
    same = SameCause(judged.sanitizer, judged.cause)
    content = path.read_bytes()
    if judged.sanitizer is WEAVE:
        content = _with_fewest_choices(target, path, form, same)
    progress = Progress()
    progress.show(f"minimizing {path.name}")
    storage.write_atomic(out, content)
    after, is_done = Minimiser(form, same.first_failing,
                               lambda smaller: storage.write_atomic(out, smaller), seconds
                               ).run(content)
    progress.clear()
    return after, is_done


def _with_fewest_choices(target: str, path: Path, form: Format, same: SameCause) -> bytes:
    """The input with the choices that weave has found to be enough, if it fails like that."""
    content = path.read_bytes()
    choices = explained.explain(target, path).facts.get("choices")
    if choices is None:
        return content
    header = form.without_wishes(content)[: form.header].ljust(form.header, b"\0")
    candidate = header + bytes(choices)
    is_smaller = sum(map(bool, candidate)) < sum(map(bool, content))
    return candidate if is_smaller and same.first_failing([candidate]) == 0 else content


def _page(target: str, path: Path) -> str:
    """Why the input fails, or what it is."""
    if project.fuzz_sanitizer(target) is WEAVE:
        return explained.explain(target, path).page()
    program = project.binary(project.replay_sanitizers(target)[0].replay_preset, target)
    return child.run([program, "--describe", path], replay.INPUT_SECONDS_MAX,
                     replay.memory_limits()).output
