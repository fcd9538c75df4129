"""What a fuzzer's numbers mean.

An edge is an entry of the table that the compiler makes (-fsanitize-coverage=pc-table), and the
symbolizer says which source it comes from, inlined functions included. A feature is a counter and a
range of its value, eight for each counter: first those of the edges, then those of the section
__libfuzzer_extra_counters, where a target under weave counts pairs of a read and the store that it
returned.
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
EDGES = "__sancov_pcs"
EXTRA_COUNTERS = "__libfuzzer_extra_counters"
FEATURES_PER_COUNTER = 8
RELOCATION = re.compile(r"^([0-9a-f]+)\s+[0-9a-f]+\s+R_X86_64_RELATIVE\s+([0-9a-f]+)$",
                        re.MULTILINE)


def product_edges(fuzzer: Path) -> set[int]:
    """The numbers of the edges whose source is in src/."""
    return {number for number, source in enumerate(_sources(fuzzer, _addresses(fuzzer)))
            if _is_product(source)}


def read_pairs(fuzzer: Path, features: frozenset[int]) -> int:
    """How many counters of pairs are among the features. Pairs that share a counter count once."""
    _, edge_bytes = _section(fuzzer, EDGES) or (0, 0)
    _, counters = _section(fuzzer, EXTRA_COUNTERS) or (0, 0)
    first = edge_bytes // ENTRY_BYTES
    found = {feature // FEATURES_PER_COUNTER for feature in features}
    return len(found & set(range(first, first + counters)))


def _section(fuzzer: Path, name: str) -> tuple[int, int] | None:
    """Address and size of a section of the program, if there is one."""
    found = re.search(rf" {name}\s+\S+\s+([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)",
                      _tool("readelf", "-SW", fuzzer))
    return (int(found[1], 16), int(found[2], 16)) if found else None


def _addresses(fuzzer: Path) -> list[int]:
    """The address of each entry; the file holds them as relocations."""
    found = _section(fuzzer, EDGES)
    if not found:
        raise CommandError(f"{fuzzer.name} has no table of edges")
    start, size = found
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
