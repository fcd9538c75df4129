"""Jinja2, as the pages that commands write need it."""

import sys
from pathlib import Path

from commands.kit.console import CommandError


def environment(folder: Path, finalize=None):
    """For the templates of a folder; every value is escaped, and one that is missing is an error.
    `finalize` sees each value first. Jinja2 is imported when a page is written, since the same run may have installed it."""
    try:
        import jinja2
    except ImportError as error:
        raise CommandError(f"{sys.executable} has no module jinja2, although python3-jinja2 is "
                           "installed; use Debian's own python3") from error
    return jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True,
                              trim_blocks=True, lstrip_blocks=True,
                              undefined=jinja2.StrictUndefined, finalize=finalize)
