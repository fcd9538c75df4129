"""The checkout: its folders, its fuzz targets, and the sanitizers for each.

A fuzz target is a file of fuzz/. Its stem names the binary, the corpus folders and the findings; it
ends with "_weave" if the target runs under weave.
"""

import configparser
import contextlib
import fcntl
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from commands.kit.console import CommandError, count

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
CORPUS = ROOT / "corpus"
FINDINGS = ROOT / "findings"
# From a build folder back to the checkout, with or without the way into it.
UP_AGAIN = re.compile(r"(?<![\w./])(?:build/[\w-]+/)?(?:\.\./)+")

# Not listed, and run only if named: its findings are planted, to test the alarm.
HIDDEN_TARGETS = frozenset({"canary"})

# The name of the tree that --subject put in the place of ours, its file and its targets, or nothing.
SUBJECT: tuple[str, Path, list[str]] | None = None

# A build of one preset with its tests takes a few hundred megabytes.
DISK_FREE_MIN_BYTES = 1 << 30


def below_root(text: str) -> str:
    """The text with the paths in it as from the root of the checkout on."""
    return UP_AGAIN.sub("", text.replace(f"{ROOT}/", ""))


@dataclass(frozen=True)
class Sanitizer:
    """One way to look for faults, and the presets that build for it. `name` is the word of the
    command line, `title` the one of messages."""

    name: str
    title: str
    replay_preset: str
    fuzz_preset: str


ADDRESS = Sanitizer("address", "AddressSanitizer", "asan-ubsan", "fuzz")
THREAD = Sanitizer("thread", "ThreadSanitizer", "tsan", "fuzz-tsan")
SANITIZERS = {sanitizer.name: sanitizer for sanitizer in (ADDRESS, THREAD)}
# Not an option: its targets have no other, and no other target has it.
WEAVE = Sanitizer("weave", "weave", "dev", "dev")


def use_subject(name: str, file: Path, targets: list[str]) -> None:
    """From now on everything is about another tree: its targets, its own builds, its findings."""
    global SUBJECT, BUILD, FINDINGS  # pylint: disable=global-statement
    SUBJECT = (name, file, targets)
    BUILD = ROOT / "build" / "subjects" / name
    FINDINGS = ROOT / "findings" / "subjects" / name


def subject_words() -> list[str]:
    """The words of the command line that say which tree it is about."""
    return ["--subject", shown(SUBJECT[1])] if SUBJECT else []


def foreign_targets() -> list[str]:
    """The targets that can be built for another tree."""
    return sorted(path.stem for path in (ROOT / "foreign").glob("*_*.cpp")
                  if not path.stem.endswith("_seeds"))


def all_targets() -> list[str]:
    """Every fuzz target by name, hidden ones included."""
    if SUBJECT:
        return [*SUBJECT[2], *HIDDEN_TARGETS]
    return sorted(path.stem for path in (ROOT / "fuzz").glob("*.cpp"))


def explored_targets() -> list[str]:
    """The targets that run under weave."""
    return [target for target in all_targets() if target.endswith("_weave")]


def listed_targets() -> list[str]:
    """The targets that run unless others are named."""
    return [target for target in all_targets() if target not in HIDDEN_TARGETS]


def check_targets(names: list[str]) -> list[str]:
    """The named targets, each once, or every listed one."""
    for name in names:
        if name not in all_targets():
            known = ", ".join(listed_targets())
            raise CommandError(f"unknown target '{name}'; the targets are: {known}")
    targets = list(dict.fromkeys(names)) or listed_targets()
    if not targets:
        raise CommandError("fuzz/ has no fuzz target")
    return targets


def fuzzer_options(target: str) -> dict[str, str]:
    """libFuzzer's options for the target, the same here and in OSS-Fuzz; `max_len`, the longest
    input that a fuzzer makes, holds for AFL++ too."""
    kind = "weave" if target.endswith("_weave") else "schedule"
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "oss-fuzz" / f"{kind}.options")
    return dict(parser["libfuzzer"])


def dictionary(target: str) -> Path | None:
    """The target's dictionary, if it has one."""
    return next((ROOT / "fuzz").glob(f"*/{target}.dict"), None)


def has_seeds(target: str) -> bool:
    """Whether the tree has inputs for the target, or a generator that writes some."""
    kept = [*(CORPUS / target).glob("*"), *(CORPUS / "regress" / target).glob("*")]
    return bool(kept or [*(ROOT / "fuzz").glob(f"*/{target}_seeds.cpp")])


def libfuzzer_program(target: str, sanitizer: Sanitizer) -> tuple[str, str]:
    """The preset and the CMake target of the program with libFuzzer."""
    name = f"{target}_fuzzer" if sanitizer is WEAVE else target
    return sanitizer.fuzz_preset, name


def afl_program(target: str, preset: str) -> tuple[str, str]:
    """The same for AFL++, for an instance that runs `preset`; weave is in one preset only."""
    if fuzz_sanitizer(target) is WEAVE:
        return WEAVE.fuzz_preset, f"{target}_afl"
    return preset, target


def fuzz_sanitizer(target: str) -> Sanitizer:
    """ThreadSanitizer for targets with real threads, AddressSanitizer for the others."""
    if target in explored_targets():
        return WEAVE
    return THREAD if target.endswith("_threads") else ADDRESS


def replay_sanitizers(target: str) -> list[Sanitizer]:
    """A target with one thread has no races to show; the canary needs both sanitizers."""
    if target in HIDDEN_TARGETS or fuzz_sanitizer(target) is THREAD:
        return [ADDRESS, THREAD]
    return [fuzz_sanitizer(target)]


def target_of(path: Path) -> str:
    """The target whose folder holds `path`: corpus/T/x, findings/T/x, build/fuzz-corpus/T/x ..."""
    known = all_targets()
    resolved = path.resolve()
    if SUBJECT is None and (FINDINGS / "subjects") in resolved.parents:
        raise CommandError(f"{path}: was found in another tree; replay it with --subject, or say "
                           "--target to run it on this one")
    for folder in (resolved, *resolved.parents):
        if folder.name in known:
            return folder.name
    raise CommandError(f"{path}: no folder above it is named after a target; use --target")


def binary(preset: str, target: str) -> Path:
    """The path of a target's program in a preset's build."""
    return BUILD / preset / "bin" / target


def corpus_folders(target: str, preset: str | None = None) -> list[Path]:
    """The folders, if not empty, with what fuzzing found, what failed once, and the seeds that a
    build of the target's replay program wrote: the preset's build, or one that replay uses."""
    presets = [preset] if preset else [s.replay_preset for s in replay_sanitizers(target)]
    written = [BUILD / name / "seeds" / target for name in presets]
    seeds = [folder for folder in written if folder.is_dir()][:1]
    folders = [CORPUS / target, CORPUS / "regress" / target, *seeds]
    return [folder for folder in folders if folder.is_dir() and any(folder.iterdir())]


def corpus_files(target: str) -> list[Path]:
    """Every input of the target. It is an error to have none."""
    files = [file for folder in corpus_folders(target) for file in files_below(folder)]
    if not any(CORPUS / "regress" not in file.parents for file in files):
        raise CommandError(f"corpus/{target} is missing or empty")
    return files


def files_below(path: Path) -> list[Path]:
    """`path` itself, or every file below it. Each is opened once, so that an unreadable file is an
    error here instead of being skipped by a fuzzer."""
    if not path.exists():
        raise CommandError(f"no such file or folder: {path}")
    found = [path] if not path.is_dir() else sorted(path.rglob("*"))
    files = [file for file in found if not file.is_dir()]
    for file in files:
        with open(file, "rb"):
            pass
    return files


def inputs_by_target(names: list[str], target: str | None) -> dict[str, list[Path]]:
    """The named files, and those in named folders, by target: the given one, or that whose folder
    holds them. A folder may also have a folder for each of several targets, as findings/ has."""
    inputs: dict[str, list[Path]] = {}
    for path in (each for name in names for each in _folders_of(Path(name), target)):
        files = [Path(os.path.abspath(file)) for file in files_below(path)]
        if not files:
            raise CommandError(f"no inputs in {path}")
        inputs.setdefault(target or target_of(path), []).extend(files)
    return {name: list(dict.fromkeys(files)) for name, files in inputs.items()}


def target_folders(path: Path) -> list[Path]:
    """The folders in this one that are named after targets and are not empty; none if it is a file
    or missing."""
    return sorted(child for child in (path.iterdir() if path.is_dir() else ())
                  if child.name in all_targets() and child.is_dir() and any(child.iterdir()))


def _folders_of(path: Path, target: str | None) -> list[Path]:
    """The path, or what target_folders() finds in it if no folder above is named after a target."""
    is_of_one = target or not set(path.resolve().parts).isdisjoint(all_targets())
    return [path] if is_of_one else target_folders(path) or [path]


def shown(path: Path) -> str:
    """The path for messages and JSON: relative to the checkout if it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def machine() -> str:
    """The number of cores and the processor's name."""
    models = re.findall(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{count(len(models), 'core')} ({models[0] if models else 'unknown'})"


def check_disk_space() -> None:
    """Fails if the disk is nearly full."""
    free = shutil.disk_usage(ROOT).free
    if free < DISK_FREE_MIN_BYTES:
        raise CommandError(
            f"no space: {free >> 20} MB free under {ROOT}, "
            f"at least {DISK_FREE_MIN_BYTES >> 20} needed")


@contextlib.contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Holds `lock` against other runs of this command; the kernel releases it when this one
    ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
