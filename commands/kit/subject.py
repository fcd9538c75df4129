"""Another tree, which `--subject` puts in the place of ours: one small file that says where its
headers are and what they have. docs/subjects.md describes it.

The build reads the file through this module too:

    python3 -m commands.kit.subject FILE FOLDER    writes into FOLDER what CMake needs
"""

import argparse
import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from commands.kit import child, project, storage
from commands.kit.console import CommandError, say

FILE_NAME = "subject.toml"
# Subjects of this tree, by name.
FOLDER = project.ROOT / "foreign" / "subjects"
ADAPTER = project.ROOT / "foreign" / "adapter.cpp"

COMPILER = "clang++-19"

# The headers of each set of names, and the names that the adapter takes from each.
HEADERS = {
    "first": {
        "aicore_completion_mailbox.h": ("AICoreCompletionMailbox", "AICoreCompletionMsgView"),
        "aicore_completion_mailbox_types.h": ("DeferredCompletionEntry",),
        "pto_runtime2_types.h": ("PTO2TaskId", "PTO2TaskSlotState"),
        "pto_async_wait.h": ("AsyncWaitList", "PTO2SchedulerState", "PTO2LocalReadyBuffer"),
    },
    "present": {
        "aicore_completion_mailbox.h": ("AICoreCompletionMailbox", "AICoreCompletionMsgView"),
        "aicore_completion_mailbox_types.h": ("DeferredCompletionEntry",),
        "runtime_types.h": ("TaskId", "ChipTaskSlotState"),
        "async_wait.h": ("AsyncWaitList", "SchedulerState"),
    },
}
WAIT_LIST_HEADERS = frozenset({"pto_async_wait.h", "async_wait.h"})
SCHEDULERS = ("define", "derive")

# What a tree may lack, as in foreign/under_test.h, and what that leaves out.
LACKS = {
    "bulk_push": "bulk pushes; conditions are pushed one by one",
    "batch_pop": "batch pops; messages are popped one by one",
    "claims": "claims apart from publication; no producer is stopped between the two, "
              "and no message of an unknown kind is pushed",
    "restart": "the mailbox's restart()",
    "reset": "the mailbox's reset(); every schedule begins at ticket 0, and no cursor wraps",
    "cookies": "cookies; they are not compared",
    "records": "monotonic records; every condition waits for a counter",
    "cached_tail": "the cached tail; nothing is left out",
    "wait_list": "the wait list; its targets are not built",
    "poll": "poll_and_complete(); the list is only drained",
    "sticky_errors": "sticky errors; nothing is judged from a run's first error on",
    "list_reset": "reset_for_reuse(); each run has a new list",
}
# The differences that an owner may tolerate: what is then left out.
KNOWN = {
    "plain-count": "`count` is not atomic; no thread looks at it without the lock",
    "plain-counters": "counters are read without an atomic; they do not change during a poll",
    "false-full": "a push may be refused with room left; the bounds on full and empty are not "
                  "checked",
    "unknown-kinds": "messages of unknown kind are not pushed",
    "unchecked-slots": "null, misaligned and wrong slots, and slots that are not pending, "
                       "are not pushed",
    "late-messages": "nothing is pushed after a task's NORMAL_DONE",
    "unchecked-addresses": "null and misaligned addresses and zero cookies are not tested",
    "no-visit-for-room": "no 65th task is made to wait while there is a scheduler",
    "release-buffer": "the release buffer is never full, and always there",
    "no-scheduler": "nothing waits or is tested without a scheduler",
}

# The static_asserts of the adapter.
NEEDS = re.compile(r"FOREIGN needs (?P<name>.*) of (?P<header>\S+), feature (?P<feature>\w+)")
LIMITS = re.compile(r"FOREIGN limits (?P<name>\S+) of (?P<header>\S+): (?P<limit>.*)")
# The compiler's words for a member that a type of the tree does not have.
NO_MEMBER = re.compile(r"no member named '(?P<member>[^']+)' in '(?P<type>[^']+)'")
ERROR = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):\d+: (?:fatal )?error: (?P<what>.*)$",
                   re.MULTILINE)
UNDEFINED = re.compile(r"undefined reference to [`']([^'\n]+)'")
QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True)
class Subject:
    """The content of one file. Folders and files are absolute."""

    name: str
    file: Path
    names: str
    include: list[Path]
    stand_ins: list[Path] = field(default_factory=list)
    defines: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)
    scheduler: str = "define"
    lacks: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    @property
    def option(self) -> str:
        """What to write after --subject."""
        return project.shown(self.file)

    @property
    def folders(self) -> list[Path]:
        """Where headers are looked for, in this order."""
        return [*self.stand_ins, *self.include]

    @property
    def folders_of_code(self) -> list[Path]:
        """Where the tree's own code is; stand-ins are not."""
        return [*self.include, *(path.parent for path in self.sources)]

    def definitions(self) -> dict[str, str]:
        """The macros of the adapter, see there."""
        macros = {"FOREIGN_NAME": f'"{self.name}"',
                  "FOREIGN_KNOWN": f'"{",".join(self.known)}"',
                  "FOREIGN_OPTION": f'"{self.option}"',
                  f"FOREIGN_NAMES_{self.names.upper()}": "1"}
        if self.scheduler == "derive":
            macros["FOREIGN_SCHEDULER_DERIVE"] = "1"
        for word in LACKS:
            macros[f"FOREIGN_LACKS_{word.upper()}"] = str(int(word in self.lacks))
        return macros

    def targets(self) -> list[str]:
        """The fuzz targets that can be built for it."""
        return [target for target in project.foreign_targets()
                if not (target.startswith("wait_list") and "wait_list" in self.lacks)]


def find(word: str) -> Subject:
    """The subject of --subject: a file, a folder with a subject.toml, or a name of ours."""
    for file in (Path(word), Path(word) / FILE_NAME, FOLDER / f"{word}.toml"):
        if file.is_file():
            return read(file.resolve())
    own = ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))
    raise CommandError(f"--subject {word}: is not a subject file, a folder with a {FILE_NAME}, "
                       f"or one of: {own}")


def read(file: Path) -> Subject:
    """Reads a file; a mistake in it is one line."""
    *others, first = _chain(file)
    subject = _checked(first, _content(first))
    for other in reversed(others):
        content = _content(other)
        del content["like"]
        subject = _merged(other, subject, content)
    return subject


def _chain(file: Path) -> list[Path]:
    """The file, the one that it is like, and so on."""
    files = [file]
    while like := _content(files[-1]).get("like"):
        if not isinstance(like, str):
            raise CommandError(f"{files[-1]}: like must be a string, another subject file")
        files.append((files[-1].parent / like).resolve())
        if files[-1] in files[:-1]:
            raise CommandError(f"{file}: is like itself, by way of {project.shown(files[-2])}")
    return files


def _content(file: Path) -> dict:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from error


def _merged(file: Path, base: Subject, content: dict) -> Subject:
    """A file that says only what is different from another one."""
    own = {"names": base.names, "scheduler": base.scheduler, **content}
    for key in ("include", "stand_ins", "sources"):
        own.setdefault(key, [str(path) for path in getattr(base, key)])
    for key in ("defines", "headers", "after", "lacks", "known"):
        own.setdefault(key, getattr(base, key))
    return _checked(file, own)


def _checked(file: Path, content: dict) -> Subject:
    def fail(message: str):
        raise CommandError(f"{file}: {message}")

    known_keys = {"name", "names", "include", "stand_ins", "defines", "headers", "after",
                  "sources", "scheduler", "lacks", "known"}
    for key in content:
        if key not in known_keys:
            fail(f"unknown key '{key}'; the keys are: {', '.join(sorted(known_keys))}, like")
    if content.get("names") not in list(HEADERS):
        fail(f"names must be one of: {', '.join(HEADERS)}")
    if content.get("scheduler", "define") not in SCHEDULERS:
        fail(f"scheduler must be one of: {', '.join(SCHEDULERS)}")
    for key in ("include", "stand_ins", "defines", "headers", "after", "sources", "lacks"):
        value = content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            fail(f"{key} must be a list of strings")
    for word in content.get("lacks", []):
        if word not in LACKS:
            fail(f"lacks: '{word}' is not one of: {', '.join(LACKS)}")
    known = content.get("known", {})
    if not isinstance(known, dict):
        fail("known must be a table: a difference and why it is tolerated")
    for word, why in known.items():
        if word not in KNOWN:
            fail(f"known: '{word}' is not one of: {', '.join(KNOWN)}")
        if not isinstance(why, str) or not why.strip():
            fail(f"known: {word} needs a sentence that says why it is tolerated")
    paths = {key: [(file.parent / name).resolve() for name in content.get(key, [])]
             for key in ("include", "stand_ins", "sources")}
    if not paths["include"]:
        fail("include names no folder")
    for key, found in paths.items():
        for path in found:
            if not (path.is_file() if key == "sources" else path.is_dir()):
                fail(f"{key}: no such {'file' if key == 'sources' else 'folder'}: {path}")
    lacks = content.get("lacks", [])
    if "cookies" in lacks and "records" not in lacks:
        fail("lacks: a tree without cookies lacks records too")
    headers = content.get("headers") or [
        header for header in HEADERS[content["names"]]
        if not ("wait_list" in lacks and header in WAIT_LIST_HEADERS)]
    # A file subject.toml is named after its folder, another one after both.
    own_name = file.parent.name if file.name == FILE_NAME else f"{file.parent.name}-{file.stem}"
    name = content.get("name", file.stem if file.parent == FOLDER else own_name)
    # Folders have this name.
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        fail(f"name '{name}' must begin with a letter or a digit, and may have letters, digits, "
             "'_', '.' and '-' only; without the key it is the file's or its folder's")
    return Subject(name, file, content["names"], paths["include"], paths["stand_ins"],
                   content.get("defines", []), headers, content.get("after", []),
                   paths["sources"], content.get("scheduler", "define"), lacks, known)


def show(subject: Subject) -> None:
    """Says what is left out, and which differences are tolerated."""
    say(f"subject {subject.name}: {subject.option}, the {subject.names} names")
    for word in subject.lacks:
        say(f"  lacks {LACKS[word]}")
    for word, why in subject.known.items():
        say(f"  known difference {word}: {KNOWN[word]} (the owner: {why})")


def write_build_files(subject: Subject, folder: Path) -> None:
    """What the build of the adapter needs: two generated headers, and variables of CMake."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "foreign_headers.h", "".join(f'#include "{name}"\n' for name in subject.headers))
    _write(folder / "foreign_glue.h", "".join(f'#include "{name}"\n' for name in subject.after))
    definitions = [f"{name}={value}" for name, value in subject.definitions().items()]
    lines = [_cmake_list("tree_folders", [folder, *subject.folders]),
             _cmake_list("tree_definitions", [*definitions, *subject.defines]),
             _cmake_list("tree_sources", subject.sources),
             _cmake_list("tree_targets", subject.targets()),
             _cmake_list("tree_files", _chain(subject.file))]
    _write(folder / "tree.cmake", "".join(lines))


def _cmake_list(name: str, words: list) -> str:
    return f"set({name} {' '.join(f'[==[{word}]==]' for word in words)})\n"


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)


def check(subject: Subject) -> None:
    """Compiles the adapter alone, and links it: what the tree lacks is one line."""
    folder = project.BUILD / "probe"
    write_build_files(subject, folder)
    command = [COMPILER, "-std=c++20", "-O0", "-w", "-ferror-limit=1", "-fno-caret-diagnostics",
               "-fno-color-diagnostics", "-fPIC", "-shared", "-Wl,-z,defs",
               *(f"-I{path}" for path in (folder, *subject.folders, project.ROOT)),
               *(f"-D{name}={value}" for name, value in subject.definitions().items()),
               *(f"-D{word}" for word in subject.defines), ADAPTER, *subject.sources,
               "-o", folder / "probe.so"]
    outcome = child.run(command)
    if outcome.status != 0:
        raise CommandError(f"subject {subject.name}: {explain(subject, outcome.output)}")


def explain(subject: Subject, output: str) -> str:
    """The compiler's first error in one line: which name is missing in which file, or what does not
    compile where."""
    error = ERROR.search(output)
    undefined = UNDEFINED.search(output)
    if error is None and undefined:
        return (f"{undefined[1]} is declared and nowhere defined; one of `sources`, or a header of "
                "`after`, can define it")
    if error is None:
        last = (output.strip().splitlines() or ["the compiler printed nothing"])[-1]
        return f"does not compile: {last}"
    needs = NEEDS.search(error["what"])
    if needs:
        hint = needs["feature"]
        advice = f'; if it has none, say lacks = ["{hint}"]' if hint != "none" else ""
        return f"{needs['name']} is missing in {_where(subject, needs['header'])}{advice}"
    limits = LIMITS.search(error["what"])
    if limits:
        return f"{limits['name']} in {_where(subject, limits['header'])}: {limits['limit']}"
    missing = re.search(r"'([^']+)' file not found", error["what"])
    own = Path(error["file"]) == ADAPTER
    if missing:
        if missing[1] in subject.headers:
            return f"there is no {missing[1]} in {_folders(subject)}"
        return (f"{project.shown(Path(error['file']))}:{error['line']} includes {missing[1]}, "
                f"which is not in {_folders(subject)}; a folder of stand_ins may have one")
    no_member = NO_MEMBER.search(error["what"])
    if own and no_member:
        place = _header_of(subject, no_member["type"])
        return f"{no_member['type']}::{no_member['member']} is missing in {place}"
    quoted = QUOTED.findall(error["what"])
    header = next((header for header, names in HEADERS[subject.names].items()
                   if set(names) & set(quoted)), None)
    if own and header:
        name = next(name for name in quoted if name in HEADERS[subject.names][header])
        return f"{name} is missing in {_where(subject, header)} ({error['what']})"
    return f"{error['file']}:{error['line']} does not compile: {error['what']}"


def _header_of(subject: Subject, type_name: str) -> str:
    """Where the tree has the type: the header that the set of names says, or one that declares a type
    of that name."""
    name = type_name.split("::")[-1]
    for header, names in HEADERS[subject.names].items():
        if name in names:
            return _where(subject, header)
    declaration = re.compile(rf"\b(?:struct|class|union)\b[^;{{}}]*\b{re.escape(name)}\b")
    for header in subject.headers:
        for folder in subject.folders:
            path = folder / header
            if path.is_file() and declaration.search(path.read_text(errors="replace")):
                return str(path)
    return _folders(subject)


def _where(subject: Subject, header: str) -> str:
    for folder in subject.folders:
        if (folder / header).is_file():
            return str(folder / header)
    return f"{header}, looked for in {_folders(subject)}"


def _folders(subject: Subject) -> str:
    return ", ".join(map(str, subject.folders))


def add_option(command) -> None:
    """The option --subject, for a command that runs targets."""
    command.add_argument("--subject", metavar="NAME|DIR",
                         help="run on the headers of another tree: a name of ours, a subject "
                              "file, or a folder with a subject.toml; docs/subjects.md")


def add_export(command) -> None:
    """The options --export and --gtest, for a command that has findings."""
    command.add_argument("--export", metavar="DIR",
                         help="with --subject: write a program for each finding, which needs the "
                              "tree's headers only")
    command.add_argument("--gtest", action="store_true",
                         help="with --export: as a GoogleTest case")


def use(options: argparse.Namespace) -> Subject | None:
    """Makes the subject of the options, if they have one, that of all that follows: the programs of
    its own build, its findings. Says what is left out; a tree that does not fit is one line."""
    exports = getattr(options, "export", None)
    if exports and not options.subject:
        raise CommandError("--export needs --subject")
    storage.check_folder("--export", exports)
    if getattr(options, "gtest", False) and not exports:
        raise CommandError("--gtest needs --export")
    if not options.subject:
        return None
    if getattr(options, "docs", False):
        raise CommandError("--docs is about this tree, not about a --subject")
    subject = find(options.subject)
    project.use_subject(subject.name, subject.file, subject.targets())
    project.check_disk_space()
    show(subject)
    check(subject)
    return subject


def main() -> None:
    """The build's side."""
    file, folder = map(Path, sys.argv[1:])
    try:
        write_build_files(read(file.resolve()), folder)
    except CommandError as error:
        sys.exit(f"subject.py: {error}")


if __name__ == "__main__":
    main()
