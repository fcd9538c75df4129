"""OSS-Fuzz's contract with a build and its targets: the variables and flags of a build, the
variables of a running target, and which targets are built for which sanitizer.

Figures and flags are those of the base-builder and base-runner images. Two things differ: the
compiler is Debian's, whose libFuzzer and AFL++ need help to link beside libc++; and honggfuzz and
Centipede, which Debian does not package, are replaced by oss-fuzz/stand_in_fuzzer.cpp.
FUZZING_ENGINE and --engine are the service's words for the fuzzer.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from commands.kit import child, project
from commands.kit.console import CommandError

CC = "clang-19"
CXX = "clang++-19"
PATH = "/usr/local/bin:/usr/bin:/bin"
ENGINE_SECONDS_MAX = 120

COMMON_FLAGS = (
    "-O1 -fno-omit-frame-pointer -gline-tables-only -Wno-error=incompatible-function-pointer-types "
    "-Wno-error=int-conversion -Wno-error=deprecated-declarations "
    "-Wno-error=implicit-function-declaration -Wno-error=implicit-int "
    "-Wno-error=unknown-warning-option -Wno-error=vla-cxx-extension "
    "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION")
LIBRARY_FLAGS = "-stdlib=libc++"

_UNDEFINED = ("array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,"
              "return,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,"
              "vla-bound,vptr")
SANITIZER_FLAGS = {
    "address": "-fsanitize=address -fsanitize-address-use-after-scope",
    # Wrapped unsigned numbers guide the fuzzer, and are silent where the target runs.
    "undefined": f"-fsanitize={_UNDEFINED},unsigned-integer-overflow "
                 f"-fno-sanitize-recover={_UNDEFINED}",
    "coverage": "",
    "none": "",
}
COVERAGE_FLAGS = {
    "libfuzzer": "-fsanitize=fuzzer-no-link",
    # The service's compiler has its own instrumentation pass. Its scripts use these flags without
    # it, and AFL++ 4.04c can do nothing else with clang-19.
    "afl": "-fsanitize-coverage=trace-pc-guard,trace-cmp",
    "honggfuzz": "-fsanitize-coverage=trace-pc-guard,indirect-calls,trace-cmp",
    # Data flow, then Centipede's clang-flags.txt.
    "centipede": "-fsanitize-coverage=trace-loads -fno-builtin "
                 "-fsanitize-coverage=trace-pc-guard,pc-table,trace-cmp -O2 -gline-tables-only",
}
COVERAGE_SANITIZER_FLAGS = (
    "-fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm "
    "-Wno-unused-command-line-argument")

# The runner sets options of ASan and UBSan only.
RUNNER_ASAN_OPTIONS = (
    "alloc_dealloc_mismatch=0:allocator_may_return_null=1:allocator_release_to_os_interval_ms=500:"
    "check_malloc_usable_size=0:detect_container_overflow=1:detect_odr_violation=0:detect_leaks=1:"
    "detect_stack_use_after_return=1:fast_unwind_on_fatal=0:handle_abort=1:handle_segv=1:"
    "handle_sigill=1:max_uar_stack_size_log=16:print_scariness=1:quarantine_size_mb=10:"
    "strict_memcmp=1:symbolize=1:use_sigaltstack=1:dedup_token_length=3")
RUNNER_UBSAN_OPTIONS = ("print_stacktrace=1:print_summary=1:silence_unsigned_overflow=1:"
                        "symbolize=1:dedup_token_length=3")
LIBFUZZER_ARGUMENTS = ["-rss_limit_mb=2560", "-timeout=25"]
# Always in the runner's image: the C library and the compiler's libraries.
RUNNER_LIBRARIES = frozenset({
    "ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6",
    "libpthread.so.0", "libresolv.so.2", "librt.so.1"})

SANITIZERS = list(SANITIZER_FLAGS)
# Centipede fuzzes a build without a sanitizer, and runs what it finds in one with a sanitizer.
PLAIN = "none"
ENGINES = list(COVERAGE_FLAGS)
STOOD_IN = frozenset({"honggfuzz", "centipede"})


@dataclass(frozen=True)
class Pair:
    """A sanitizer and a fuzzer that the service runs together."""

    sanitizer: str
    engine: str

    def __str__(self) -> str:
        return f"{self.sanitizer}-{self.engine}"


def check_pair(sanitizer: str, fuzzer: str) -> Pair:
    """The pair; an error if the services do not run it."""
    if sanitizer == PLAIN and fuzzer != "centipede":
        raise CommandError(f"--sanitizer {PLAIN} works with --engine centipede only, "
                           f"not with {fuzzer}")
    if fuzzer != "libfuzzer" and sanitizer not in ("address", PLAIN):
        raise CommandError(f"--engine {fuzzer} works with --sanitizer address only, "
                           f"not with {sanitizer}")
    return Pair(sanitizer, fuzzer)


def targets_of(sanitizer: str) -> list[str]:
    """The targets that $OUT must contain: those with threads for AddressSanitizer and without a
    sanitizer, those under weave for UBSan, and all of them for coverage."""
    explored = project.explored_targets()
    own = [name for name in project.listed_targets() if name not in explored]
    if sanitizer == "coverage":
        return own + explored
    if sanitizer == "undefined":
        return [name for name in own if not name.endswith("_threads")] + explored
    return own


def build_variables(pair: Pair, library: Path, scratch: Path) -> dict[str, str]:
    """The whole environment of build.sh. `library` is the one from make_library(). CCACHE_BASEDIR is
    ours: with it the compiler cache finds what it compiled below another `scratch`."""
    coverage = (COVERAGE_SANITIZER_FLAGS if pair.sanitizer == "coverage"
                else COVERAGE_FLAGS[pair.engine])
    # The programs by which CMake tries the compiler have no fuzzer, and link this instead.
    weak = str(library.with_name("weak.o")) if pair.engine == "centipede" else ""
    flags = " ".join(filter(None, (COMMON_FLAGS, SANITIZER_FLAGS[pair.sanitizer], coverage, weak)))
    return {
        "PATH": PATH, "SRC": str(scratch / "src"), "WORK": str(scratch / "work"),
        "OUT": str(scratch / "out"), "CC": CC, "CXX": CXX, "CCC": CXX, "CFLAGS": flags,
        "CXXFLAGS": f"{flags} {LIBRARY_FLAGS}", "LIB_FUZZING_ENGINE": str(library),
        "SANITIZER": pair.sanitizer, "FUZZING_ENGINE": pair.engine, "ARCHITECTURE": "x86_64",
        "FUZZING_LANGUAGE": "c++", "UBSAN_OPTIONS": "silence_unsigned_overflow=1",
        "CCACHE_BASEDIR": str(scratch),
    }


def make_library(engine: str, folder: Path) -> Path:
    """Makes the library that $LIB_FUZZING_ENGINE names, in `folder`."""
    library = folder / "libFuzzingEngine.a"
    makers = {"libfuzzer": _make_libfuzzer, "afl": _make_afl, "honggfuzz": _make_stand_in,
              "centipede": _make_stand_in_for_centipede}
    makers[engine](library)
    return library


def _make_libfuzzer(library: Path) -> None:
    """Debian's libFuzzer is compiled against libstdc++, which cannot be linked next to libc++. Here
    it is linked with a private copy, and exports only the names that a target or its compiler
    uses."""
    own = _line(["clang-19", "-print-resource-dir"]) + "/lib/linux/libclang_rt.fuzzer-x86_64.a"
    standard = _line(["g++-12", "-print-file-name=libstdc++.a"])
    bound, names = library.with_name("bound.o"), library.with_name("names")
    _run(["ld", "-r", "-o", bound, "--whole-archive", own, "--no-whole-archive", standard])
    names.write_text("main\nLLVMFuzzer*\n__sanitizer_*\n__sancov_*\n")
    _run(["objcopy", "--wildcard", f"--keep-global-symbols={names}", bound])
    _run(["ar", "rcs", library, bound])


def _make_afl(library: Path) -> None:
    """AFL++'s driver with its runtime, which AFL++'s compiler would add."""
    folder = Path("/usr/lib/afl")
    shutil.copy(folder / "libAFLDriver.a", library)
    _run(["ar", "rs", library, folder / "afl-compiler-rt.o"])


def _make_stand_in(library: Path) -> None:
    source = project.ROOT / "oss-fuzz" / "stand_in_fuzzer.cpp"
    compiled = library.with_name("stand_in_fuzzer.o")
    _run([CXX, *LIBRARY_FLAGS.split(), "-std=c++20", "-O1", "-c", source, "-o", compiled])
    _run(["ar", "rcs", library, compiled])


def _make_stand_in_for_centipede(library: Path) -> None:
    """The same library, and the object with weak callbacks that the service's flags name."""
    _make_stand_in(library)
    weak = library.with_name("weak.cpp")
    weak.write_text("".join(
        f'extern "C" __attribute__((weak)) void __sanitizer_cov_{name} {{}}\n'
        for name in (*(f"load{size}(void*)" for size in (1, 2, 4, 8, 16)),
                     "pcs_init(const void*, const void*)", "trace_pc_guard(unsigned*)",
                     "trace_pc_guard_init(unsigned*, unsigned*)",
                     *(f"trace_{kind}{size}(unsigned long, unsigned long)"
                       for kind in ("cmp", "const_cmp") for size in (1, 2, 4, 8)),
                     "trace_switch(unsigned long, unsigned long*)")))
    _run([CXX, "-c", weak, "-o", library.with_name("weak.o")])


def _line(command: list) -> str:
    return _run(command).strip()


def _run(command: list) -> str:
    outcome = child.run(command, ENGINE_SECONDS_MAX)
    if outcome.status != 0:
        last = (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise CommandError(f"cannot make the library of the fuzzer: {command[0]}: {last}")
    return outcome.output
