"""The command line: which commands there are, and one line and exit status 2 for wrong usage."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import re
import shutil
import signal
import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from support import ROOT, run_command
from commands import weave
from commands.kit import commandline

SCRATCH = '''
    """A command that a test plants."""

    NAME = "scratch"
    GROUP = "inputs"
    SUMMARY = "Print a word"


    def add_options(command):
        command.add_argument("word")


    def run(options):
        print(f"told: {options.word}")
        return 0
'''


class UsageCase(unittest.TestCase):
    def assert_refused(self, *arguments: str, because: str) -> None:
        result = run_command(*arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Amailproof: [^\n]*\n\Z")
        self.assertIn(because, result.stderr)


class Commands(unittest.TestCase):
    """Every discovered command."""

    def setUp(self) -> None:
        self.modules = commandline.find_commands()
        self.names = [module.NAME for module in self.modules]

    def test_each_file_outside_the_shared_folders_is_a_command(self):
        files = [*ROOT.glob("commands/*.py"), *ROOT.glob("commands/*/command.py")]
        self.assertEqual(len(self.names), len([path for path in files
                                               if path.name != "__init__.py"]))
        self.assertEqual(len(self.names), len(set(self.names)))
        self.assertGreaterEqual(len(self.names), 14)

    def test_the_overview_names_each_with_its_summary(self):
        result = run_command("--help")
        self.assertEqual(result.returncode, 0)
        for module in self.modules:
            self.assertRegex(result.stdout, rf"(?m)^  {module.NAME} +{re.escape(module.SUMMARY)}$")

    def test_each_explains_itself_and_its_options(self):
        for module in self.modules:
            with self.subTest(command=module.NAME):
                text = self.help_of(module)
                self.assertIn(f"usage: ./mailproof {module.NAME}", text)
                self.assertIn(module.SUMMARY.split()[0], text)
                self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def help_of(self, module) -> str:
        parser = commandline.build_parser([module])
        [commands] = [action for action in parser._actions
                      if isinstance(action.choices, dict)]
        with mock.patch.dict(os.environ, COLUMNS="100"):
            return commands.choices[module.NAME].format_help()

    def test_each_is_in_the_table_of_the_readme_and_no_other_is(self):
        rows = re.findall(r"(?m)^\| `\./mailproof ([\w-]+)", (ROOT / "README.md").read_text())
        self.assertEqual(sorted(rows), sorted(self.names))

    def test_each_refuses_an_option_that_it_does_not_have(self):
        parser = commandline.build_parser(self.modules)
        for name in self.names:
            with self.subTest(command=name):
                with self.assertRaises(SystemExit) as ended, silence():
                    parser.parse_args([name, "--no-such-option"])
                self.assertEqual(ended.exception.code, 2)


class Planted(unittest.TestCase):
    """A checkout with one more file."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        shutil.copy(ROOT / "mailproof", self.root)
        shutil.copytree(ROOT / "commands", self.root / "commands")

    def plant(self, text: str) -> None:
        (self.root / "commands" / "scratch.py").write_text(textwrap.dedent(text))

    def test_a_new_file_is_a_new_command(self):
        self.plant(SCRATCH)
        self.assertRegex(run_command("--help", root=self.root).stdout,
                         r"(?m)^  scratch +Print a word$")
        result = run_command("scratch", "word", root=self.root)
        self.assertEqual((result.returncode, result.stdout), (0, "told: word\n"))

    def test_a_file_that_lacks_something_is_named(self):
        for name in ("SUMMARY", "GROUP"):
            with self.subTest(missing=name):
                self.plant(re.sub(rf"(?m)^ *{name} = .*\n", "", SCRATCH))
                result = run_command("list", root=self.root)
                self.assertEqual((result.returncode, result.stderr), (
                    2, f"mailproof: commands/scratch.py is not a command: it has no {name}\n"))

    def test_a_group_that_does_not_exist_is_named(self):
        self.plant(SCRATCH.replace('"inputs"', '"other"'))
        self.assertIn("GROUP 'other' is not one of: start here, inputs",
                      run_command("list", root=self.root).stderr)


class WrongUsage(UsageCase):
    def test_commands(self):
        self.assert_refused(because="COMMAND")
        self.assert_refused("fuzzz", because="fuzzz")

    def test_options(self):
        self.assert_refused("fuzz", "--seconds", "0", because="--seconds")
        self.assert_refused("fuzz", "--seconds", "ten", because="--seconds")
        self.assert_refused("fuzz", "--jobs", "-1", because="--jobs")
        self.assert_refused("fuzz", "--fuzzer", "other", because="--fuzzer")
        self.assert_refused("test", "--quick", "--full", because="not allowed with")
        self.assert_refused("describe", because="FILE")
        self.assert_refused("stress", "--seed", str(1 << 64), because="from 0 to 2^64 - 1")

    def test_targets(self):
        self.assert_refused("fuzz", "no_such_target", because="unknown target 'no_such_target'")
        self.assert_refused("replay", "--target", "no_such_target", because="unknown target")

    def test_files(self):
        self.assert_refused("replay", "no/such/file", because="no such file or folder")
        self.assert_refused("describe", "no/such/file", because="no such file")
        self.assert_refused("weave", "no/such/file.cpp", because="no such file")
        self.assert_refused("fuzz", "--json", "no/such/folder/x", because="cannot write")
        self.assert_refused("bugs", "no_such_bug", because="no seeded bug")

    def test_a_second_signal_does_not_stop_the_end(self):
        loader = importlib.machinery.SourceFileLoader("mailproof_main", str(ROOT / "mailproof"))
        spec = importlib.util.spec_from_loader("mailproof_main", loader)
        program = importlib.util.module_from_spec(spec)
        loader.exec_module(program)
        for number in program.SIGNALS:
            self.addCleanup(signal.signal, number, signal.getsignal(number))

        def interrupted(*_):
            for number in program.SIGNALS:
                os.kill(os.getpid(), number)

        parser = mock.Mock()
        parser.parse_args.return_value.run = interrupted
        errors = io.StringIO()
        with mock.patch.object(program.commandline, "build_parser", return_value=parser), \
                mock.patch.object(program.child, "end_all", interrupted), \
                contextlib.redirect_stderr(errors):
            self.assertEqual(program.main(), 130)
        self.assertEqual(errors.getvalue(), "mailproof: interrupted; what was found is kept\n")

    def test_an_input_of_another_tree(self):
        folder = ROOT / "findings" / "subjects" / "test_usage" / "mailbox_step"
        folder.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, folder.parent)
        path = folder / "crash-1"
        path.write_bytes(b"x")
        for command in ("replay", "minimize", "describe", "triage"):
            self.assert_refused(command, str(path), because="replay it with --subject")

    def test_what_cannot_be_written_is_said_before_the_work(self):
        kept = str(next((ROOT / "corpus" / "mailbox_step").iterdir()))
        self.assert_refused("replay", kept, "--html", "no/such/folder/x",
                            because="--html: cannot write no/such/folder/x")
        self.assert_refused("fuzz", "--subject", "a5", "--export", __file__,
                            because=f"--export: cannot write into {__file__}")
        for out in ("/dev/null", "/no/such/folder/x", str(ROOT)):
            self.assert_refused("minimize", kept, "--out", out,
                                because=f"--out: cannot write {out}")

    def test_a_program_under_weave(self):
        program = str(ROOT / "weave" / "programs" / "data_race.cpp")
        self.assert_refused("weave", program, "-O", "4", because="-O")
        self.assert_refused("weave", program, "--stdlib", "other", because="--stdlib")
        self.assert_refused("weave", "--gtest", "--stdlib", "libc++", program,
                            because="--gtest needs libstdc++")
        compiler = weave.Compiler(folders=[Path("a")], optimisation="2", library="libc++")
        self.assertEqual(compiler.words, ["-O2", "--stdlib", "libc++", "-Ia"])
        self.assertEqual(compiler.runtime, ["weave_libcxx", "weave_wrapper_libcxx",
                                            "weave_streams_libcxx"])
        self.assertEqual(weave.Compiler().words, [])

    def test_words_after_an_option(self):
        parser = commandline.build_parser(commandline.find_commands())
        options = parser.parse_args(["weave", "a.cpp", "mode=pct", "-O", "1", "seed=1", "-I", "b",
                                     "c.cpp", "--arguments", "d"])
        self.assertEqual(options.options, ["mode=pct", "seed=1", "c.cpp"])
        self.assertEqual(options.arguments, ["d"])
        self.assert_refused("weave", "a.cpp", "-O1", "seed=1", "--no-such", because="--no-such")
        self.assert_refused("list", "a.cpp", because="unrecognized arguments: a.cpp")

    def test_afl_has_one_sanitizer(self):
        self.assert_refused("fuzz", "--fuzzer", "afl", "--sanitizer", "thread", because="address")

    def test_the_former_name_of_an_option_still_works(self):
        self.assert_refused("fuzz", "--engine", "afl", "--sanitizer", "thread", because="address")


class List(unittest.TestCase):
    def test_the_canary_is_hidden(self):
        result = run_command("list")
        self.assertEqual(result.returncode, 0)
        names = [line.split()[0] for line in result.stdout.splitlines()]
        self.assertIn("mailbox_step", names)
        self.assertNotIn("canary", names)
        self.assertNotIn("canary", run_command("fuzz", "no_such_target").stderr)


def silence():
    return contextlib.redirect_stderr(io.StringIO())


if __name__ == "__main__":
    unittest.main()
