"""A seeded bug: one fault planted in a copy of src/ and sim/, and the check that must turn red.

bugs/SUBJECT/NAME.bug is a few `key: value` lines, then the old lines and the new ones:

    why: what an engineer might do, and why it is wrong
    guarantee: the sentence of the contract that breaks
    check: the fuzz target whose corpus must show it, or unit:STEM:FILTER for the GoogleTest cases of
           tests/unit/STEM.cpp that FILTER names, or stress:JOB for some seconds of a stress job
    build: the preset it is built in: asan-ubsan or tsan
    verdict: the word that the report must contain
    --- old
    ...
    --- new
    ...

The old lines must stand exactly once in src/ and sim/, so a bug whose code has moved on is an error
and not a check that silently tests nothing.
"""

import pathlib

PLANTED = ("src", "sim")
KEYS = ("why", "guarantee", "check", "build", "verdict")


class BadBug(Exception):
    pass


class Bug:
    def __init__(self, path):
        self.name = pathlib.Path(path).stem
        text = pathlib.Path(path).read_text()
        head, found_old, rest = text.partition("\n--- old\n")
        old, found_new, new = rest.partition("\n--- new\n")
        if not found_old or not found_new:
            raise BadBug(f"{path}: needs '--- old' and '--- new'")
        self.old = old
        self.new = new.removesuffix("\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        if tuple(fields) != KEYS:
            raise BadBug(f"{path}: the fields must be {', '.join(KEYS)}, in this order")
        self.why, self.guarantee, self.check, self.build, self.verdict = fields.values()

    def plant(self, root, destination):
        """Writes a copy of the folders PLANTED of `root`, with the bug in it, to `destination`."""
        files = {path: path.read_text() for folder in PLANTED
                 for path in sorted((root / folder).rglob("*.h"))}
        places = sum(text.count(self.old) for text in files.values())
        if places != 1:
            raise BadBug(f"{self.name}: the old lines stand {places} times in {', '.join(PLANTED)}")
        for path, text in files.items():
            copy = destination / path.relative_to(root)
            planted = text.replace(self.old, self.new)
            if copy.exists() and copy.read_text() == planted:
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(planted)
