"""What an order costs on aarch64: the instruction that a compiler emits for it."""

import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CONSTANTS = {"relaxed": "__ATOMIC_RELAXED", "consume": "__ATOMIC_CONSUME",
             "acquire": "__ATOMIC_ACQUIRE", "release": "__ATOMIC_RELEASE",
             "acq_rel": "__ATOMIC_ACQ_REL", "seq_cst": "__ATOMIC_SEQ_CST"}
CODE = {
    "load": "return __atomic_load_n(p, {0});",
    "store": "__atomic_store_n(p, v, {0}); return v;",
    "rmw": "return __atomic_fetch_add(p, v, {0});",
    "compare-exchange": "__atomic_compare_exchange_n(p, &v, 1, 0, {0}, __ATOMIC_RELAXED); return v;",
    "failure": "__atomic_compare_exchange_n(p, &v, 1, 0, __ATOMIC_RELAXED, {0}); return v;",
    "fence": "__atomic_thread_fence({0}); return v;",
}
# Armv8.1 has the atomic instructions of servers; without them each RMW is a loop.
OPTIONS = ["-O2", "-march=armv8.1-a", "-S", "-o", "-"]
INSTRUCTION = re.compile(r"^\s+((?:ldr|ldar|ldapr|str|stlr|ldadd\w*|cas\w*|dmb)\b[^\n]*)", re.M)


def compiler() -> list[str] | None:
    """The cross compiler of Debian if it is installed, else clang, which needs no headers here."""
    if shutil.which("aarch64-linux-gnu-g++"):
        return ["aarch64-linux-gnu-g++"]
    if shutil.which("clang++-19"):
        return ["clang++-19", "--target=aarch64-linux-gnu"]
    return None


@functools.cache
def instruction(kind: str, order: str) -> str:
    """The instruction, such as 'stlr'; '?' without a compiler, 'none' if there is none."""
    found = compiler()
    if found is None:
        return "?"
    with tempfile.TemporaryDirectory(prefix="orders-") as folder:
        source = Path(folder) / "site.cpp"
        body = CODE[kind].format(CONSTANTS[order])
        source.write_text(f"long f(long* p, long v) {{ {body} }}\n")
        run = subprocess.run([*found, *OPTIONS, source], capture_output=True, text=True, check=False)
    lines = INSTRUCTION.findall(run.stdout) if run.returncode == 0 else []
    if run.returncode != 0:
        return "?"
    words = [line.split()[0] + (" " + line.split()[1] if line.startswith("dmb") else "")
             for line in lines]
    return words[0] if words else "none"
