"""`mailproof orders`: which memory orders of the product are needed, and what shows it."""

import dataclasses
import tempfile
from pathlib import Path

from commands.kit import commandline, documents, jsonfile, packages, project, subject
from commands.kit.console import EXIT_FINDING, EXIT_OK, Progress, say
from commands.orders import scenario, source, table
from commands.orders.audit import Audit, Report, Row
from commands.verify import scenarios
from commands.verify.scenarios import Search

NAME = "orders"
GROUP = commandline.CHECKS
SUMMARY = "Say which memory orders of the product are needed"
DETAILS = ("Weakens each memory order one step at a time, at run time and in all copies of its "
           "place, and searches the scenarios of `verify` that reach it. For a program of your "
           "own: ./mailproof weave PROGRAM orders=audit.")

MINUTES = 10
# A scenario that takes longer as it is takes no part: each is searched a hundred times.
BASELINE_SECONDS = 10
SECONDS_EACH = 20
DOCUMENT = project.ROOT / "docs" / "memory-orders.md"
BEGIN = "<!-- written by ./mailproof orders --docs -->"
END = "<!-- end of what ./mailproof orders writes -->"


def add_options(command) -> None:
    command.add_argument("--minutes", type=commandline.positive, default=MINUTES, metavar="N",
                         help=f"default: {MINUTES}")
    command.add_argument("--docs", action="store_true",
                         help="write the table into docs/memory-orders.md")
    subject.add_option(command)
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    tree = subject.use(options)
    packages.ensure()
    searches = [Kept(one) for one in scenarios.prepare() if not one.is_deep]
    progress = Progress()
    folders = tree.folders_of_code if tree else [project.ROOT / "src"]
    used, sites, baseline = measure(searches, folders, progress.show)
    audit = Audit(used, sites, 60 * options.minutes, SECONDS_EACH, progress.show)
    report = audit.run(baseline)
    progress.clear()
    orders = source.strong_orders(source.files_of_subject(tree, sites) if tree
                                  else source.files_of_product())
    missing = source.unreached(sites, orders)
    report.rows += [Row(site, is_reached=False) for site in missing]
    report.rows.sort(key=lambda row: (row.site.file, row.site.line))
    say(table.text(report))
    if options.docs:
        documents.replace_between(DOCUMENT, BEGIN, END, document(report, orders))
    jsonfile.write(options.json, table.as_json(report))
    is_bad = bool(missing) or any(one.is_finding for one in baseline.values())
    return EXIT_FINDING if is_bad else EXIT_OK


class Kept:
    """A scenario whose findings are kept, each in a file of its own."""

    def __init__(self, search: Search) -> None:
        self.name = search.name
        self._search = search

    def run(self, weakened: list[str], sites: Path | None, seconds: float) -> scenario.Outcome:
        folder = project.FINDINGS / "orders"
        folder.mkdir(parents=True, exist_ok=True)
        name = "-".join([self.name.replace("/", "-"), *weakened]).replace("=", "-")[:120]
        kept = folder / f"{name}.schedule"
        kept.unlink(missing_ok=True)
        outcome = self._search.run(weakened, sites, seconds / 2, kept)
        if outcome.is_complete or outcome.is_finding:
            return outcome
        # What it has not reached may be in reach of other choosers.
        other = self._search.run(weakened, None, seconds / 2, kept, "mix")
        return dataclasses.replace(other, executions=outcome.executions + other.executions,
                                   seconds=outcome.seconds + other.seconds)


def measure(searches: list[Kept], folders: list[Path],
            show) -> tuple[list[Kept], list[scenario.Site], dict]:
    """Searches each scenario as it is. Returns those that take part, the smallest first, the sites
    below the folders that they reach, and their outcomes."""
    found: dict[tuple, scenario.Site] = {}
    baseline = {}
    with tempfile.TemporaryDirectory(prefix="orders-") as folder:
        for one in searches:
            show(f"searching {one.name} as it is")
            listing = Path(folder) / "sites"
            listing.unlink(missing_ok=True)
            baseline[one.name] = one.run([], listing, BASELINE_SECONDS)
            if listing.exists():
                scenario.read_sites(listing.read_text(), one.name, found, project.ROOT)
    used = [one for one in searches if baseline[one.name].is_ok or baseline[one.name].is_finding]
    # Not by time, or the page would name another one each time it is written.
    used.sort(key=lambda one: (baseline[one.name].executions, one.name))
    sites = [site for _, site in sorted(found.items())
             if source.is_below(site, folders) and site.asked != "relaxed"]
    return used, sites, baseline


def document(report: Report, orders: dict) -> str:
    """The table by the source's text, since line numbers change with every edit."""
    lines = ["| file | code | weaker | answer | aarch64 | shown by |",
             "| --- | --- | --- | --- | --- | --- |"]
    for row, cells in table.rows(report):
        at = source.order_of(row.site, orders)
        code = orders[at] if at else f"{row.site.function}, {row.site.kind} {row.site.asked}"
        file = row.site.file.rpartition("/")[2]
        lines.append(f"| {file} | `{code}` | {' | '.join(cells)} |".replace("||", "or"))
    return "\n".join([*lines, "", *table.together(report), "", table.summary(report)]) + "\n"
