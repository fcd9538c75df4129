"""`mailproof triage`: from failing inputs to their causes."""

from pathlib import Path

from commands.kit import commandline, jsonfile, project, replay
from commands.kit.console import EXIT_FINDING, EXIT_OK, count, say
from commands.triage import bisect, keep, work
from commands.triage.work import Found

NAME = "triage"
GROUP = commandline.INPUTS
SUMMARY = "Group failing inputs by cause, and minimise them"
DETAILS = ("Runs each input again, 20 times on real threads, and groups the inputs by verdict and "
           "place. findings/causes/TARGET/ID/ has a folder for each cause: the input, a minimal "
           "one as bytes and as text, and cause.md. A second run skips what is done.")

SECONDS_DEFAULT = 60


def add_options(command) -> None:
    command.add_argument("files", nargs="*", metavar="FILE",
                         help="an input, or a folder of inputs; default: findings/")
    commandline.add_target(command)
    command.add_argument("--seconds", type=commandline.positive, default=SECONDS_DEFAULT,
                         metavar="N",
                         help="the time to minimise one cause (default: %(default)s); a cause that "
                              "needs more is continued by the next run")
    command.add_argument("--keep", action="store_true",
                         help="copy the minimal inputs to corpus/regress/TARGET/, where they are "
                              "tests from then on")
    command.add_argument("--bisect", nargs="?", const="", metavar="GOOD",
                         help="find the first commit at which each cause shows, after the commit "
                              "GOOD if it is given; builds old commits below build/bisect/")
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    inputs = _inputs(options.files, options.target)
    if not inputs:
        say("no failing inputs")
        jsonfile.write(options.json, {"causes": []})
        return EXIT_OK
    replay.prepare(list(inputs))
    found = work.triage(inputs, options.seconds, options.seconds * sum(map(len, inputs.values())))
    entries = [cause.as_json() for cause in found]
    if options.bisect is not None:
        for cause, entry in zip(found, entries):
            entry["first_bad"] = bisect.first_bad(cause.group, options.bisect)
    show(found, entries)
    passed = sum(map(len, inputs.values())) - sum(len(cause.inputs) for cause in found)
    if passed:
        say(f"{count(passed, 'input')} did not fail")
    if options.keep:
        keep.keep_all([cause.group for cause in found])
    jsonfile.write(options.json, {"causes": entries, "passed": passed})
    return EXIT_FINDING if found else EXIT_OK


def show(found: list[Found], entries: list[dict]) -> None:
    """Prints each cause."""
    for cause, entry in zip(found, entries):
        facts = cause.group.facts
        say(f"CAUSE {entry['id']}")
        say(f"  what:      {sentence_of(facts)}")
        for place in facts["places"]:
            say(f"  where:     {place}")
        for guarantee in facts["guarantees"]:
            say(f"  breaks:    {guarantee}")
        say(f"  inputs:    {len(cause.inputs)}; the first failed in {facts['failed']} of "
            f"{count(facts['runs'], 'run')}")
        if entry.get("first_bad"):
            say(f"  first bad: {entry['first_bad']}")
        say(f"  folder:    {entry['folder']}")
        say(f"  reproduce: {entry['reproduce']}")
    say(f"{count(len(found), 'cause')}")


def sentence_of(facts: dict) -> str:
    """Verdict and sentence; weave's sentences begin with the verdict."""
    begins_with_it = facts["sentence"].startswith(facts["verdict"])
    return facts["sentence"] if begins_with_it else f"{facts['verdict']}: {facts['sentence']}"


def _inputs(names: list[str], target: str | None) -> dict[str, list[Path]]:
    """Inputs by target."""
    if target:
        project.check_targets([target])
    if not names:
        names = [str(path) for path in project.target_folders(project.FINDINGS)]
    return project.inputs_by_target(names, target)
