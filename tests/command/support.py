"""Shared by the command's tests: the checkout's own command, and a stand-in checkout.

The stand-in has the command, one target `demo`, and programs that only pretend to be the package
manager, CMake, a replay binary, a libFuzzer binary and AFL++. It needs no build, so a test of the
whole command takes a fraction of a second.
"""

import atexit
import compileall
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# Importable only now.
from commands.kit.packages import BENCH_PACKAGES, PACKAGES  # noqa: E402

# Ends a test that hangs. No test waits for a time to pass, so this says nothing about speed.
SECONDS_MAX = 600
POLL_SECONDS = 0.01
# Without the site module, which pretended programs do not need, Python starts twice as fast.
INTERPRETER = f"{sys.executable} -IS"

REPLAY_BINARY = """
    import os, sys
    if sys.argv[1] == "--format":
        print("version 1 header 3 record 2")
        sys.exit()
    if sys.argv[1] == "--describe":
        print(f"{os.stat(sys.argv[2]).st_size} bytes")
        sys.exit()
    for name in sys.argv[1:]:
        with open(name, "rb") as file:
            content = file.read()
        if content.startswith(b"BUG"):
            verdict = "other" if b"XX" in content else "planted"
            print(f"FINDING demo: {verdict}: the input asked for it\\ninput: {name}",
                  file=sys.stderr, flush=True)
            os.abort()
    print(f"demo: {len(sys.argv) - 1} inputs, no finding")
"""

# The names of the files in its corpus folder tell it what to do; "find" once only. In fork mode "stay" also leaves a
# job with an input that is not merged yet.
FUZZ_BINARY = """
    import os, pathlib, signal, sys, time
    signal.signal(signal.SIGINT, lambda *_: sys.exit(72))
    options = dict(word[1:].split("=", 1) for word in sys.argv[1:] if word.startswith("-"))
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    corpus = folders[0]
    wishes = os.listdir(corpus)
    print("#2\\tINITED cov: 7 ft: 9 corp: 3/12b exec/s: 0 rss: 31Mb", flush=True)
    with open(os.path.join(corpus, "fresh"), "wb") as file:
        file.write(b"new")
    # Whole or not at all, since a test may kill this program as soon as the file appears.
    def write(path, content):
        unfinished = pathlib.Path(path).with_name("unfinished")
        unfinished.write_bytes(content)
        unfinished.rename(path)
    with open("starts", "a") as starts, open("limits", "a") as limits:
        starts.write("x")
        limits.write(options.get("max_total_time", "") + "\\n")
    contents = {name: pathlib.Path(folder, name).read_bytes()
                for folder in folders for name in os.listdir(folder)}
    if "find-again" in wishes:
        time.sleep(0.2)
        number = len(open("starts").read())
        write(options["artifact_prefix"] + f"crash-{number}", b"BUG number %d" % number)
        print("FINDING demo: planted: the input asked for it", flush=True)
    failing = [content for content in contents.values() if content.startswith(b"BUG")]
    if "find-in-corpus" in wishes and failing:
        write(options["artifact_prefix"] + "crash-corpus", failing[0])
        print("FINDING demo: planted: the input asked for it", flush=True)
        sys.exit(77)
    if "find" in wishes:
        os.unlink(os.path.join(corpus, "find"))
    if "find" in wishes or "find-and-stay" in wishes:
        write(options["artifact_prefix"] + "crash-1234", b"BUG found")
        print("FINDING demo: planted: the input asked for it", flush=True)
    if "stay" in wishes and "fork" in options:
        job = pathlib.Path(os.environ["TMPDIR"], "libFuzzerTemp.FuzzWithFork1.dir", "C1")
        job.mkdir(parents=True)
        write(job / "unmerged", b"not merged")
    if "stay" in wishes or "find-and-stay" in wishes:
        time.sleep(600)
    if "fork" in options:
        print("#4321: cov: 8 ft: 9 corp: 4 exec/s: 7 oom/timeout/crash: 0/0/0 time: 3s job: 2")
    print("stat::number_of_executed_units: 1234", flush=True)
    if "fail" in wishes:
        print("==1== ERROR: this fuzzer is broken", flush=True)
        sys.exit(1)
    sys.exit(77 if {"find", "find-again"} & set(wishes) else 0)
"""

# The target that does nothing, to which others are compared.
EMPTY_FUZZ_BINARY = """
    print("stat::number_of_executed_units: 1000")
"""

# At each start, an instance finds one input, and with a seed "find" also a failing one. It writes
# how it was called beside them, then waits to be ended. One by itself, on the target that does
# nothing, only counts.
AFL_FUZZ = """
    import json, os, pathlib, signal, sys, time
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    words = sys.argv[1:]
    value = lambda option: pathlib.Path(words[words.index(option) + 1])
    if "-M" not in words and "-S" not in words:
        alone = value("-o") / "default"
        alone.mkdir(parents=True)
        (alone / "fuzzer_stats").write_text("execs_done : 1000\\n")
        sys.exit(0)
    name = str(value("-M" if "-M" in words else "-S"))
    folder = value("-o") / name
    for part in ("queue", "crashes", "hangs"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    inputs = [seed.read_bytes() for seed in value("-i").iterdir()]
    (folder / "queue" / "id:000000,orig:seed").write_bytes(inputs[0])
    number = len(list((folder / "queue").iterdir()))
    found = folder / "queue" / f"id:{number:06},src:000000,op:havoc,rep:2,+cov"
    found.write_bytes(f"{name} found {number}".encode())
    if b"find" in inputs:
        (folder / "crashes" / "id:000000,sig:06").write_bytes(b"BUG found by " + name.encode())
    environment = {key: text for key, text in os.environ.items() if key.startswith("AFL_")}
    (folder / "called.json").write_text(json.dumps([words, environment]))
    # Whole or not at all, since a test may kill it at any moment.
    (folder / "stats").write_text(
        f"execs_done : {100 * number}\\nedges_found : {number}\\ncorpus_count : {number + 1}\\n")
    (folder / "stats").rename(folder / "fuzzer_stats")
    time.sleep(600)
    sys.exit(1)
"""


def run_command(*arguments, root: Path = ROOT, environment=None, cwd: Path | None = None):
    """Runs a checkout's ./mailproof and returns its status and its two outputs."""
    return subprocess.run(
        [sys.executable, root / "mailproof", *arguments], cwd=cwd or root, env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX)


def git(folder: Path, *words: str) -> str:
    """What git prints in a checkout; it must succeed."""
    command = ["git", "-c", "user.name=n", "-c", "user.email=e", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def copy_tree(tree: Path) -> None:
    """A copy of the checkout's tracked files as they are now, with a commit of its own."""
    for name in git(ROOT, "ls-files").splitlines():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path)
    git(tree, "init", "-q")
    commit_all(tree, "All")


def commit_all(tree: Path, subject: str) -> str:
    """Commits everything and returns the commit's short name."""
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "--allow-empty", "-m", subject)
    return git(tree, "rev-parse", "--short", "HEAD").strip()


def wait_until(condition, what: str = "what the test waits for"):
    """Waits until the condition holds, and returns its value."""
    deadline = time.monotonic() + SECONDS_MAX
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} has not come within {SECONDS_MAX} s"
        time.sleep(POLL_SECONDS)
    return value


@functools.cache
def compiled_commands() -> Path:
    """A copy of the checkout's commands with their bytecode, from which every stand-in is made."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    copy = Path(folder.name) / "commands"
    shutil.copytree(ROOT / "commands", copy, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(copy, quiet=2)
    return copy


class StandIn:
    """A throw-away checkout with one target, and the programs that it needs."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name).resolve()
        shutil.copy(ROOT / "mailproof", self.root)
        shutil.copytree(compiled_commands(), self.root / "commands")
        shutil.copytree(ROOT / "oss-fuzz", self.root / "oss-fuzz")
        self.write("fuzz/demo.cpp", b"")
        self.write("corpus/demo/seed", b"seed")
        self._write_tools()
        self.program("build/asan-ubsan/bin/demo", REPLAY_BINARY)
        self.program("build/fuzz/bin/demo", FUZZ_BINARY)
        self.program("build/fuzz/bin/canary", EMPTY_FUZZ_BINARY)

    def remove(self) -> None:
        self._folder.cleanup()

    def run(self, *arguments, cwd: Path | None = None):
        return run_command(*arguments, root=self.root, environment=self._environment(), cwd=cwd)

    def start(self, *arguments) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, self.root / "mailproof", *arguments],
                                cwd=self.root, env=self._environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def write(self, name: str, content: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def wait_for(self, pattern: str) -> Path:
        """Waits for a file of that name and returns it."""
        return wait_until(lambda: list(self.root.glob(pattern)), pattern)[0]

    def processes_of(self, name: str) -> list[str]:
        """The ids of the processes that run this checkout's program."""
        program = str(self.root / name).encode()
        found = []
        for entry in filter(str.isdecimal, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if program in words:
                found.append(entry)
        return found

    def program(self, name: str, source: str) -> Path:
        """A pretended program, in Python."""
        return self._script(name, INTERPRETER, textwrap.dedent(source))

    def _script(self, name: str, interpreter: str, source: str) -> Path:
        path = self.write(name, f"#!{interpreter}\n{source}".encode())
        path.chmod(0o755)
        return path

    def _environment(self) -> dict[str, str]:
        """Only the pretended programs are on PATH."""
        return {**os.environ, "PATH": str(self.root / "bin")}

    def _write_tools(self) -> None:
        lines = "".join(f"echo '{package} installed'\n"
                        for package in {**PACKAGES, **BENCH_PACKAGES})
        self._script("bin/dpkg-query", "/bin/sh", lines)
        self.program("bin/afl-fuzz", AFL_FUZZ)
        for tool in ("cmake", "ninja", "clang++-19"):
            self._script(f"bin/{tool}", "/bin/sh", "")


class StandInCase(unittest.TestCase):
    """A test with its own stand-in checkout."""

    def setUp(self) -> None:
        self.checkout = StandIn()
        self.addCleanup(self.checkout.remove)

    def assert_one_line(self, result, expected: str) -> None:
        """The command must have ended with status 2 and one line that contains `expected`."""
        self.assertEqual(result.returncode, 2, result)
        self.assertRegex(result.stderr, r"\Amailproof: [^\n]*\n\Z")
        self.assertIn(expected, result.stderr)
