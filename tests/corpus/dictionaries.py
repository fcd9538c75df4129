"""Passes if every entry of every dictionary means what the line above it says.

    dictionaries.py REPLAY_BINARY...

`TARGET --describe` must print that line for a header and the entry. A target without a dictionary
is left out.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HEADER = re.compile(r"which follow (\d+) bytes of header")
ENTRY = re.compile(r'^# (.+)\n"((?:\\x[0-9a-f]{2})+)"$', re.MULTILINE)


def describe(binary: Path, content: bytes) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return subprocess.run([binary, "--describe", file.name], capture_output=True, text=True,
                              check=True).stdout


def problems(binary: Path, text: str) -> list[str]:
    header = HEADER.search(text)
    entries = ENTRY.findall(text)
    if header is None or len(entries) != text.count('\n"'):
        return [f"{binary.name}.dict: a header's size, then lines of text and of bytes in turn"]
    start = bytes([1]).ljust(int(header[1]), b"\0")
    return [f"{binary.name}.dict: {value} is not '{meaning}'" for meaning, value in entries
            if meaning not in describe(binary, start + bytes.fromhex(value.replace("\\x", "")))]


def main() -> int:
    found = []
    for binary in map(Path, sys.argv[1:]):
        for path in (ROOT / "fuzz").glob(f"*/{binary.name}.dict"):
            text = path.read_text()
            found += problems(binary, text)
            planted = ENTRY.sub(lambda entry: entry[0].replace(entry[1], "something else"), text)
            if not problems(binary, planted):
                found.append(f"{path.name}: a wrong line is not seen")
    print("\n".join(found) or "every entry means what it says")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
