"""The matrix as one HTML file that needs no other: a heat map of bugs against layers."""

import sys
from pathlib import Path

from commands.bugs.layers import KINDS
from commands.kit.console import CommandError

TEMPLATE = "matrix.html.j2"
# Seconds to the kill up to which a cell has a shade; slower ones have the last.
SHADES = (0.5, 1, 3, 10, 30)


def write(rows: list[dict]) -> str:
    """The page."""
    try:
        import jinja2
    except ImportError as error:
        raise CommandError(f"{sys.executable} has no module jinja2, although python3-jinja2 is "
                           "installed") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.get_template(TEMPLATE).render(rows=rows, kinds=KINDS, shade=shade)


def shade(cell: dict | None) -> str:
    """The class of a cell."""
    if cell is None:
        return "none"
    if not cell["killed"]:
        return "survived"
    return f"k{sum(cell['seconds'] > limit for limit in SHADES)}"
