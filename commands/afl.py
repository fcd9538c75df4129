"""Runs AFL++ on one target, one instance or several that share an output folder.

AFL++ goes on after a failing input. What it saves says only that something died; the verdict comes
from the replay binary.
"""

import re
import shutil
from pathlib import Path

from commands import project
from commands.child import sanitizer_options
from commands.fuzzer import INPUT_BYTES_MAX, Fuzzer, Numbers, Suspect, content_name

PRESET = "afl"
# Of one execution; AFL++'s own guess of some 20 ms takes a busy machine for a hang.
EXECUTION_MS_MAX = 1000

CONTROL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def statistics_in(text: str) -> dict[str, str]:
    """The lines of fuzzer_stats, 'execs_done        : 62932'."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def progress_in(plot_data: str) -> Numbers:
    """The last line of plot_data, which is written more often than fuzzer_stats."""
    lines = [line for line in plot_data.splitlines() if line]
    if len(lines) < 2:
        return Numbers()
    names = lines[0].lstrip("# ").split(", ")
    values = dict(zip(names, lines[-1].split(", ")))
    return Numbers(int(values["total_execs"]), int(values["edges_found"]),
                   int(values["corpus_count"]))


def abort_reason(log: str) -> str:
    """What afl-fuzz says when it cannot work, without its colours."""
    lines = [line.strip() for line in CONTROL_CODES.sub("", log).splitlines() if line.strip()]
    aborts = [line for line in lines if "PROGRAM ABORT" in line or "SYSTEM ERROR" in line]
    return (aborts or lines or ["it printed nothing"])[-1]


class Afl(Fuzzer):
    """The first instance is the main one; the others exchange inputs with it."""

    @property
    def _out(self) -> Path:
        return project.BUILD / "afl-out" / self.target

    @property
    def _seeds(self) -> Path:
        return self.work / "seeds"

    def _commands(self) -> list[list]:
        self._write_seeds()
        names = ["main"] + [f"side{number}" for number in range(1, self.jobs)]
        return [self._command("-M" if name == "main" and self.jobs > 1 else "-S", name)
                for name in names]

    def _command(self, role: str, name: str) -> list:
        dictionary = project.ROOT / "fuzz" / f"{self.target}.dict"
        return [
            "afl-fuzz", "-i", self._seeds, "-o", self._out, role, name,
            "-V", str(self.seconds), "-t", str(EXECUTION_MS_MAX), "-G", str(INPUT_BYTES_MAX),
            *(["-x", dictionary] if dictionary.exists() else []),
            "--", project.binary(PRESET, self.target)]

    def _environment(self) -> dict[str, str]:
        """AFL++ insists on the two sanitizer options; leaks show only when a process ends, which
        in persistent mode is long after the input that leaked."""
        mutator = project.BUILD / PRESET / "lib" / f"lib{self.target}_mutator.so"
        return {
            "AFL_CUSTOM_MUTATOR_LIBRARY": str(mutator),
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
            "AFL_NO_AFFINITY": "1",
            "AFL_NO_UI": "1",
            "AFL_SKIP_CPUFREQ": "1",
            **sanitizer_options(ASAN_OPTIONS="abort_on_error=1:symbolize=0:detect_leaks=0",
                                UBSAN_OPTIONS="abort_on_error=1:symbolize=0"),
        }

    def _numbers(self) -> Numbers:
        """Executions of all instances; edges and corpus of the one that has most."""
        found = [self._instance_numbers(folder) for folder in self._instances()]
        return Numbers(sum(numbers.executions for numbers in found),
                       max((numbers.edges for numbers in found), default=0),
                       max((numbers.corpus_inputs for numbers in found), default=0))

    def _instance_numbers(self, folder: Path) -> Numbers:
        final = statistics_in(_read(folder / "fuzzer_stats"))
        written = Numbers(int(final.get("execs_done", 0)), int(final.get("edges_found", 0)),
                          int(final.get("corpus_count", 0)))
        return max(written, progress_in(_read(folder / "plot_data")),
                   key=lambda numbers: numbers.executions)

    def _saved_inputs(self) -> list[Suspect]:
        """Under the names that libFuzzer would give them. A hang that passes alone was a busy
        machine, so only crashes are certain."""
        kinds = (("crashes", "crash", True), ("hangs", "timeout", False))
        return [Suspect(path, f"{kind}-{content_name(path.read_bytes())}", certain)
                for folder, kind, certain in kinds
                for path in sorted(self._out.glob(f"*/{folder}/id:*"))]

    def _clear(self) -> None:
        shutil.rmtree(self._out, ignore_errors=True)
        self._out.mkdir(parents=True)

    def _collect_inputs(self) -> None:
        for path in self._out.glob("*/queue/id:*"):
            if "orig:" not in path.name and "sync:" not in path.name:
                content = path.read_bytes()
                (self.corpus / content_name(content)).write_bytes(content)

    def _problem(self) -> str:
        started = any((folder / "fuzzer_stats").exists() for folder in self._instances())
        if started and self._failed_status() == 0:
            return ""
        return f"afl-fuzz did not run: {abort_reason(self._read_log())}"

    def _instances(self) -> list[Path]:
        return sorted(path for path in self._out.glob("*") if path.is_dir())

    def _write_seeds(self) -> None:
        """One flat folder of everything that is known, each input once."""
        shutil.rmtree(self._seeds, ignore_errors=True)
        self._seeds.mkdir()
        for path in (*project.corpus_files(self.target), *self.corpus.iterdir()):
            content = path.read_bytes()
            if content:
                (self._seeds / content_name(content)).write_bytes(content)


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
