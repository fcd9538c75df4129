"""The Debian packages that the commands need, and their installation.

Every command that builds starts with `ensure`, which is silent and fast when nothing is missing.
Otherwise it names the packages, then installs them as root or through sudo. After that nothing
needs a network.
"""

import os
import shutil
from pathlib import Path

from commands.kit import child, project
from commands.kit.console import CommandError, say

PACKAGES = {
    "afl++": "the second fuzzer",
    "ccache": "makes the second build of a file fast",
    "clang-19": "the compiler, with libFuzzer",
    "clang-format-19": "checks the layout of the sources",
    "clang-tidy-19": "static checks",
    "cmake": "the build, and CTest",
    "g++-12": "the second compiler, and the C++ library of both",
    "gdb": "saves the stacks of what hangs in a nightly run",
    "git": "lets the style checks list the files of the checkout",
    "libatomic-queue-dev": "a peer in the benchmarks",
    "libbenchmark-dev": "benchmarks",
    "libboost-dev": "Boost.Lockfree, a peer in the benchmarks",
    "libc++-19-dev": "the C++ library that OSS-Fuzz builds with",
    "libc++abi-19-dev": "the lower half of libc++",
    "libcli11-dev": "the command lines of the programs",
    "libck-dev": "Concurrency Kit, a peer in the benchmarks",
    "libclang-rt-19-dev": "the sanitizers' runtimes",
    "libconcurrentqueue-dev": "moodycamel's queue, a peer in the benchmarks",
    "libgtest-dev": "unit tests",
    "librapidcheck-dev": "property tests",
    "libtbb-dev": "oneTBB, a peer in the benchmarks",
    "lld-19": "links the builds of the tests",
    "llvm-19": "symbols in reports, coverage reports",
    "llvm-19-tools": "FileCheck, which compares output in tests",
    "ninja-build": "runs the build",
    "python3": "runs this command",
    "python3-jinja2": "writes the report of a night",
    "python3-yaml": "reads the workflows, to check them",
    "relacy-dev": "Relacy, weave's peer in the benchmarks",
    "zip": "packs the seed corpora for OSS-Fuzz",
}

# Large, and needed for benchmarks only: `setup` and `bench` install them.
BENCH_PACKAGES = {
    "libdpdk-dev": "rte_ring, a peer in the benchmarks",
}

APT_LISTS = Path("/var/lib/apt/lists")
APT_OPTIONS = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
QUERY_SECONDS_MAX = 30


def ensure(packages: dict[str, str] = PACKAGES) -> None:
    """Installs the missing packages, or says how to install them."""
    missing = missing_packages(packages)
    if not missing:
        return
    say("missing packages:")
    for package in missing:
        say(f"  {package:23} {packages[package]}")
    _install(missing, _privilege(missing))
    still_missing = missing_packages(packages)
    if still_missing:
        raise CommandError(f"still missing after installing: {' '.join(still_missing)}")


def missing_packages(packages: dict[str, str]) -> list[str]:
    """Those of `packages` that are not installed."""
    if shutil.which("dpkg-query") is None:
        raise CommandError("cannot install packages: no dpkg-query on PATH; this works on "
                           "Debian only")
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *packages]
    lines = child.run(query, QUERY_SECONDS_MAX).output.splitlines()
    return [package for package in packages if f"{package} installed" not in lines]


def install_line(packages: list[str]) -> str:
    """The command that installs the packages."""
    return "apt-get install -y --no-install-recommends " + " ".join(packages)


def _privilege(missing: list[str]) -> list[str]:
    """The words before a command that make it run as root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and child.run(["sudo", "-n", "true"], QUERY_SECONDS_MAX).status == 0:
        return ["sudo", "-n"]
    raise CommandError(f"no permission to install packages; as root: {install_line(missing)}")


def _install(packages: list[str], privilege: list[str]) -> None:
    """Refreshes the package lists if there are none, or if the installation fails with them."""
    say(f"installing: {install_line(packages)}")
    install = ["install", *APT_OPTIONS, *packages]
    refreshed = not any(APT_LISTS.glob("*_Packages*"))
    if refreshed:
        _apt(["update", "-q"], privilege)
    outcome = _apt(install, privilege)
    if outcome.status != 0 and not refreshed:
        _apt(["update", "-q"], privilege)
        outcome = _apt(install, privilege)
    if outcome.status != 0:
        raise CommandError(_apt_error(outcome.output))


def _apt(words: list[str], privilege: list[str]) -> child.Outcome:
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    return child.run([*privilege, *environment, "apt-get", *words])


def _apt_error(output: str) -> str:
    log = project.BUILD / "setup.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(output)
    errors = [line for line in output.splitlines() if line.startswith("E: ")]
    reason = errors[0] if errors else "apt-get failed"
    return f"{reason} (all of it: {project.shown(log)})"
