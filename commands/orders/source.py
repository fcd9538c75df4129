"""The memory orders in the source of the product, and its document."""

import re
from pathlib import Path

from commands.kit import project
from commands.orders.scenario import Site

STRONG = re.compile(r"\bmemory_order_(acquire|release|acq_rel|seq_cst)\b")
COMMENT = re.compile(r"//.*")
# The order of a call may stand a few lines below its beginning.
LINES_OF_CALL = 4


def strong_orders(folder: Path = project.ROOT / "src") -> dict[tuple[str, int, str], str]:
    """Every order in code that is stronger than relaxed, by file, line and order, with the line's
    text."""
    found = {}
    for path in sorted([*folder.rglob("*.h"), *folder.rglob("*.cpp")]):
        name = str(path.relative_to(project.ROOT))
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            for order in STRONG.findall(COMMENT.sub("", line)):
                found[(name, number, order)] = line.strip()
    return found


def order_of(site: Site, orders: dict[tuple[str, int, str], str]) -> tuple[str, int, str] | None:
    """Where the source has the order that the site asks for."""
    for line in range(site.line, site.line + LINES_OF_CALL):
        if (site.file, line, site.asked) in orders:
            return (site.file, line, site.asked)
    return None


def unreached(sites: list[Site], orders: dict[tuple[str, int, str], str]) -> list[Site]:
    """The orders that no site has, as sites without a program."""
    reached = {order_of(site, orders) for site in sites}
    return [Site(file, line, _kind(text), order, "?")
            for (file, line, order), text in orders.items() if (file, line, order) not in reached]


def _kind(text: str) -> str:
    for word, kind in (("compare_exchange", "compare-exchange"), (".load(", "load"),
                       (".store(", "store"), ("fence", "fence")):
        if word in text:
            return kind
    return "rmw"
