"""`mailproof setup`: installs the Debian packages that are missing, once."""

from commands.kit import commandline, packages
from commands.kit.console import EXIT_OK

NAME = "setup"
GROUP = commandline.START
SUMMARY = "Install the Debian packages that are missing"
DETAILS = ("Names them first. Needs root or sudo only if a package is missing. Every command that "
           "builds does this by itself.")


def run(_options) -> int:
    packages.ensure({**packages.PACKAGES, **packages.BENCH_PACKAGES})
    return EXIT_OK
