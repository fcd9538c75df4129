"""The memory orders in the source of the product, or in that of another tree."""

import re
from pathlib import Path

from commands.kit import project
from commands.kit.subject import Subject
from commands.orders.scenario import Site

STRONG = re.compile(r"\bmemory_order_(acquire|release|acq_rel|seq_cst)\b")
COMMENT = re.compile(r"//.*")
# The order of a call may stand a few lines below its beginning.
LINES_OF_CALL = 4


def is_below(site: Site, folders: list[Path]) -> bool:
    """Is the site in one of the folders?"""
    parents = (project.ROOT / site.file).parents
    return any(folder in parents for folder in folders)


def files_of_product() -> list[Path]:
    folder = project.ROOT / "src"
    return sorted([*folder.rglob("*.h"), *folder.rglob("*.cpp")])


def files_of_subject(tree: Subject, sites: list[Site]) -> list[Path]:
    """The headers that the targets include, its sources, and all other files with a site: a folder of
    headers may hold much that is not about the mailbox."""
    headers = [folder / name for folder in tree.include for name in tree.headers]
    reached = [project.ROOT / site.file for site in sites]
    return sorted({path for path in (*headers, *tree.sources, *reached) if path.is_file()})


def strong_orders(files: list[Path]) -> dict[tuple[str, int, str], str]:
    """Every order in code that is stronger than relaxed, by file, line and order, with the line's
    text."""
    found = {}
    for path in files:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            for order in STRONG.findall(COMMENT.sub("", line)):
                found[(project.shown(path), number, order)] = line.strip()
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
