"""Setup names the missing packages and installs them, or says how to install them."""

import contextlib
import io
import unittest
from unittest import mock

import support  # noqa: F401, puts the checkout on the module path
from commands.kit import child, packages
from commands.kit.child import Outcome
from commands.kit.console import CommandError


class Machine:
    """A pretended Debian machine; it records every apt-get call."""

    def __init__(self, missing: list[str], install_statuses: list[int]) -> None:
        self.missing = missing
        self.install_statuses = install_statuses
        self.apt_calls: list[str] = []
        self.sudo_status = 1

    def run(self, command: list, *_rest) -> Outcome:
        if command[0] == "dpkg-query":
            known = {**packages.PACKAGES, **packages.BENCH_PACKAGES}
            lines = [f"{package} installed" for package in known if package not in self.missing]
            return Outcome(1 if self.missing else 0, "\n".join(lines))
        if command == ["sudo", "-n", "true"]:
            return Outcome(self.sudo_status, "")
        verb = command[command.index("apt-get") + 1]
        self.apt_calls.append(verb)
        status = self.install_statuses.pop(0) if verb == "install" else 0
        if verb == "install" and status == 0:
            self.missing = []
        return Outcome(status, "E: Unable to locate package ccache\n" if status else "")


class Setup(unittest.TestCase):
    def ensure(self, machine: Machine, is_root: bool = True, has_lists: bool = True,
               wanted: dict[str, str] = packages.PACKAGES) -> str:
        lists = mock.Mock(**{"glob.return_value": iter(["x_Packages"] if has_lists else [])})
        with (mock.patch.object(child, "run", machine.run),
              mock.patch("os.geteuid", return_value=0 if is_root else 1000),
              mock.patch("shutil.which", return_value="/usr/bin/found"),
              mock.patch.object(packages, "APT_LISTS", lists),
              mock.patch.object(packages, "_apt_error", lambda output: output.strip()),
              contextlib.redirect_stdout(io.StringIO()) as printed):
            packages.ensure(wanted)
        return printed.getvalue()

    def test_with_nothing_missing_it_prints_nothing(self):
        machine = Machine([], [])
        self.assertEqual(self.ensure(machine), "")
        self.assertEqual(machine.apt_calls, [])

    def test_only_a_benchmark_needs_the_large_packages(self):
        machine = Machine(list(packages.BENCH_PACKAGES), [0])
        self.assertEqual(self.ensure(machine), "")
        self.assertIn("libdpdk-dev", self.ensure(machine, wanted=packages.BENCH_PACKAGES))
        self.assertEqual(machine.apt_calls, ["install"])

    def test_missing_packages_are_named_then_installed(self):
        machine = Machine(["ccache", "afl++"], [0])
        printed = self.ensure(machine)
        self.assertLess(printed.index("  ccache"), printed.index("installing: "))
        self.assertEqual(machine.apt_calls, ["install"])

    def test_lists_are_fetched_when_there_are_none(self):
        machine = Machine(["ccache"], [0])
        self.ensure(machine, has_lists=False)
        self.assertEqual(machine.apt_calls, ["update", "install"])

    def test_lists_are_fetched_when_they_are_stale(self):
        machine = Machine(["ccache"], [100, 0])
        self.ensure(machine)
        self.assertEqual(machine.apt_calls, ["install", "update", "install"])

    def test_the_reason_is_the_error_of_apt(self):
        with self.assertRaisesRegex(CommandError, "Unable to locate package"):
            self.ensure(Machine(["ccache"], [100, 100]))

    def test_without_permission_it_gives_the_command_to_run(self):
        machine = Machine(["ccache", "afl++"], [])
        with self.assertRaisesRegex(CommandError, r"apt-get install .* afl\+\+ ccache$"):
            self.ensure(machine, is_root=False)
        self.assertEqual(machine.apt_calls, [])

    def test_sudo_is_enough(self):
        machine = Machine(["ccache"], [0])
        machine.sudo_status = 0
        self.ensure(machine, is_root=False)
        self.assertEqual(machine.apt_calls, ["install"])


if __name__ == "__main__":
    unittest.main()
