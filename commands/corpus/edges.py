"""Which of a fuzzer's edges belong to the product: an edge is an entry of the table that the
compiler makes (-fsanitize-coverage=pc-table), and the symbolizer says which source it comes from,
inlined functions included.
"""

import json
import re
from pathlib import Path

from commands.kit import child, project
from commands.kit.console import CommandError

TOOL_SECONDS_MAX = 300
# The size of an entry: an address and a word of flags.
ENTRY_BYTES = 16
ADDRESSES_PER_RUN = 4000
SECTION = re.compile(r"__sancov_pcs\s+\S+\s+([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)")
RELOCATION = re.compile(r"^([0-9a-f]+)\s+[0-9a-f]+\s+R_X86_64_RELATIVE\s+([0-9a-f]+)$",
                        re.MULTILINE)


def product_edges(fuzzer: Path) -> set[int]:
    """The numbers of the edges whose source is in src/."""
    return {number for number, source in enumerate(_sources(fuzzer, _addresses(fuzzer)))
            if _is_product(source)}


def _addresses(fuzzer: Path) -> list[int]:
    """The address of each entry; the file holds them as relocations."""
    found = SECTION.search(_tool("readelf", "-SW", fuzzer))
    if not found:
        raise CommandError(f"{fuzzer.name} has no table of edges")
    start, size = (int(number, 16) for number in found.groups())
    targets = {int(offset, 16): int(target, 16) for offset, target in
               RELOCATION.findall(_tool("readelf", "-rW", fuzzer))}
    return [targets.get(at, 0) for at in range(start, start + size, ENTRY_BYTES)]


def _sources(fuzzer: Path, addresses: list[int]) -> list[str]:
    """The source file of each address: that of the innermost inlined function."""
    found = []
    for first in range(0, len(addresses), ADDRESSES_PER_RUN):
        words = [hex(address) for address in addresses[first : first + ADDRESSES_PER_RUN]]
        text = _tool("llvm-symbolizer", "--output-style=JSON", f"--obj={fuzzer}", *words)
        entries = json.loads(text)
        found += [(entry.get("Symbol") or [{}])[0].get("FileName", "") for entry in entries]
    return found


def _is_product(source: str) -> bool:
    """Whether the file is in src/; the compiler's cache may have built it in another checkout."""
    parts = Path(source).parts
    return "src" in parts and (
        project.ROOT / Path(*parts[len(parts) - 1 - parts[::-1].index("src"):])).is_file()


def _tool(*command: object) -> str:
    outcome = child.run(list(command), TOOL_SECONDS_MAX)
    if outcome.status != 0:
        raise CommandError(f"{command[0]}: {(outcome.output.strip().splitlines() or ['?'])[-1]}")
    return outcome.output
