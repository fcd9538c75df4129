"""`mailproof check`: was my change of the product safe?"""

import time

from commands.check import changes, exercised
from commands.check.changes import Change
from commands.check.stages import FUZZING, STAGES, SUBJECT_STAGES, Answer, Stage
from commands.kit import commandline, jsonfile, packages, project, reached, subject
from commands.kit.console import EXIT_FINDING, EXIT_OK, say

NAME = "check"
GROUP = commandline.START
SUMMARY = "Say whether a change of the product was safe"
DETAILS = ("Looks at the changed lines of src/, and runs what executes them, cheapest first: "
           "proofs, unit tests, kept inputs, then fuzzing under weave. Exit status: 0 safe within "
           "the bounds that it prints, 1 broken, 3 lines that nothing executes, or a check "
           "that the time did not suffice for.")

MINUTES = 10
EXIT_NOT_EXERCISED = 3


def add_options(command) -> None:
    command.add_argument("--minutes", type=commandline.positive, default=MINUTES, metavar="N",
                         help=f"the time for everything; default: {MINUTES}")
    command.add_argument("--since", metavar="COMMIT",
                         help="what to compare with; default: HEAD, or the commit before it if "
                              "nothing of src/ is uncommitted")
    subject.add_option(command)
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    tree = subject.use(options)
    repository = changes.Repository(tree.folders_of_code if tree else [project.ROOT / "src"])
    base = options.since or repository.default_base()
    changed = repository.since(base)
    if not changed:
        say(f"nothing to check: no code of {tree.name if tree else 'src/'} differs from {base}")
        jsonfile.write(options.json, {"answer": "nothing to check"})
        return EXIT_OK
    for one in changed:
        where = f"lines {reached.ranges(list(one.lines))}" if one.lines else "removed"
        say(f"changed since {base}: {one.file} {where}")
    packages.ensure()
    deadline = time.monotonic() + 60 * options.minutes
    answers = ask(SUBJECT_STAGES if tree else STAGES, changed, deadline)
    missed: dict[str, list[int]] = {}
    if not any(answer.broken for _, answer in answers):
        missed = exercised.missed(changed)
        answers += ask([FUZZING], changed, deadline)
    return conclude(answers, exercised.describe(missed), options.json)


def ask(stages: list[Stage], changed: list[Change],
        deadline: float) -> list[tuple[Stage, Answer]]:
    """Runs the stages up to the first that finds something broken."""
    answers = []
    for stage in stages:
        begin = time.monotonic()
        left = deadline - begin
        if left <= 0:
            answers.append((stage, stage.without_time()))
            continue
        answer = stage.run(changed, left)
        answers.append((stage, answer))
        state = "BROKEN" if answer.broken else "ok" if answer.is_done else "not done"
        say(f"{stage.name}: {state}, {time.monotonic() - begin:.0f} s")
        if answer.broken:
            break
    return answers


def conclude(answers: list[tuple[Stage, Answer]], missed: list[str],
             json_name: str | None) -> int:
    """Prints the one answer."""
    broken = [cause for _, answer in answers for cause in answer.broken]
    covered = {stage.name: answer.covered for stage, answer in answers
               if answer.covered and answer.is_done}
    missed = missed + [f"{stage.name}: {answer.covered}; use more --minutes"
                       for stage, answer in answers if not answer.is_done]
    answer = "broken" if broken else "not exercised" if missed else "safe"
    say()
    if broken:
        say("BROKEN")
        say(broken[0])
        if len(broken) > 1:
            say(f"and {len(broken) - 1} more: " + "; ".join(one.split("\n")[0]
                                                           for one in broken[1:4]))
    else:
        say("SAFE within these bounds" if not missed else "NOT EXERCISED")
        for line in missed:
            say(f"  {line}")
        if missed:
            say("the rest is safe within these bounds")
        for name, words in covered.items():
            say(f"  {name}: {words}")
    jsonfile.write(json_name, {"answer": answer, "broken": broken, "not_exercised": missed,
                               "covered": covered})
    return {"broken": EXIT_FINDING, "not exercised": EXIT_NOT_EXERCISED, "safe": EXIT_OK}[answer]
