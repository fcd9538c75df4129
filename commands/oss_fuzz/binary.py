"""What the file of a built target says: its architecture, instrumentation and libraries."""

import re
import struct
from pathlib import Path

from commands.kit import child
from commands.kit.child import LLVM_TOOLS

TOOL_SECONDS_MAX = 120

ENTRY_POINT = b"LLVMFuzzerTestOneInput"
ELF_MAGIC = b"\x7fELF"
ELF_CLASS_64 = 2
ELF_MACHINE_X86_64 = 62

# The size in bytes of a counter or guard, by the section that holds them; each is for one edge.
EDGE_SECTIONS = {"__sancov_cntrs": 1, "__sancov_guards": 4, "__llvm_prf_cnts": 8}

SECTION = re.compile(r"^\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)",
                     re.MULTILINE)
NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+)\]")
RUN_PATH = re.compile(r"\((?:RUNPATH|RPATH)\)\s+Library (?:runpath|rpath): \[(.*)\]")


def find_targets(out: Path) -> list[Path]:
    """The files that the service takes for targets: executables with the entry point. The service
    ignores libraries and AFL++'s own tools. Names are checked elsewhere."""
    found = []
    for path in sorted(out.iterdir()):
        if (path.is_file() and path.stat().st_mode & 0o111 and path.suffix != ".so"
                and not path.name.startswith("afl-")):
            content = path.read_bytes()
            if content.startswith(ELF_MAGIC) and ENTRY_POINT in content:
                found.append(path)
    return found


def is_x86_64(path: Path) -> bool:
    """Whether the ELF file is for x86_64."""
    header = path.read_bytes()[:20]
    return header[4] == ELF_CLASS_64 and struct.unpack_from("<H", header, 18)[0] == (
        ELF_MACHINE_X86_64)


def sections(path: Path) -> dict[str, int]:
    """The size of each section in bytes."""
    text = tool("llvm-readelf", "--section-headers", "--wide", path)
    return {name: int(size, 16) for name, size in SECTION.findall(text)}


def edges(path: Path) -> int:
    """The number of instrumented edges."""
    return sum(size // EDGE_SECTIONS[name] for name, size in sections(path).items()
               if name in EDGE_SECTIONS)


def libraries(path: Path) -> list[str]:
    """The shared libraries that the file needs."""
    return NEEDED.findall(tool("llvm-readelf", "--dynamic", "--wide", path))


def run_paths(path: Path) -> list[str]:
    """The folders in which the file looks for libraries."""
    text = tool("llvm-readelf", "--dynamic", "--wide", path)
    return [entry for paths in RUN_PATH.findall(text) for entry in paths.split(":") if entry]


def sanitizer_calls(path: Path) -> dict[str, int]:
    """The number of calls to each function of a sanitizer."""
    script = ('"$1" --disassemble --no-show-raw-insn --no-leading-addr "$2" '
              r"| grep -oE 'call.*<__(asan|dfsan|msan|tsan|ubsan)_[a-z0-9_]+>' "
              "| sed 's/.*<//; s/>//' | sort | uniq -c")
    outcome = child.run(["bash", "-c", script, "bash", f"{LLVM_TOOLS}/llvm-objdump", path],
                        TOOL_SECONDS_MAX)
    pairs = (line.split() for line in outcome.output.splitlines())
    return {words[1]: int(words[0]) for words in pairs if len(words) == 2}


def has_thread_sanitizer(path: Path) -> bool:
    """Whether it contains the real runtime; weave's entry points have the same names."""
    return "_ZN6__tsan" in tool("llvm-nm", "--defined-only", path)


def tool(name: str, *words) -> str:
    """The output of one of LLVM's tools."""
    return child.run([f"{LLVM_TOOLS}/{name}", *words], TOOL_SECONDS_MAX).output
