"""The alarm of `mailproof oss-fuzz-check`: small targets, each with one fault, and each must be
refused for that fault only; the same target without a fault passes in every build.

Needs the compiler, and builds in seconds.
"""

import shutil
import tempfile
import unittest
import zipfile
from pathlib import Path

from support import SECONDS_MAX
from commands.kit import child
from commands.oss_fuzz import checks, service
from commands.oss_fuzz.service import CXX, Pair

# About 200 edges, and one more for every byte that equals its index. FOLDER and STARTS_WITH are
# faults.
SOURCE = r"""
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

static volatile int sum = 0;

template <int Left>
void look(const std::vector<uint8_t>& input) {
    if constexpr (Left != 0) {
        if (Left < input.size() && input[Left] == Left) {
            sum = sum + input[Left - 1];
        }
        look<Left - 1>(input);
    }
}

#ifdef FOLDER
struct Opened {
    Opened() {
        if (std::fopen(FOLDER "/table", "r") == nullptr) {
            std::puts("no table");
            std::exit(3);
        }
    }
} opened;
#endif

#ifdef RACES
extern "C" void count_one();
#endif

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::vector<uint8_t> input(data, data + size);
    if (size > 2 && std::memcmp(data, "BUG", 3) == 0) {
        std::abort();
    }
#ifdef RACES
    count_one();
#endif
    look<EDGES>(input);
    return 0;
}
"""

# Instrumented for threads, with empty functions instead of the sanitizer's runtime.
RACES = r"""
static int count = 0;
extern "C" void count_one() { count = count + 1; }
"""
RUNTIME = r"""
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_read4(void*) {}
extern "C" void __tsan_write4(void*) {}
"""

OPTIONS = "[libfuzzer]\nmax_len = 256\n\n[asan]\nstrict_string_checks = 1\n"
DICTIONARY = '# three bytes\n"\\x01\\x02\\x03"\n'
# The second seed takes the other way at every branch.
SEEDS = (bytes(range(64)), bytes(64))
ADDRESS = Pair("address", "libfuzzer")


class Controls(unittest.TestCase):
    """`make` builds a target, `results` checks an $OUT that holds it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls._folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls._folder.name).resolve()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.built: dict[tuple, Path] = {}

    def setUp(self) -> None:
        self.out = Path(tempfile.mkdtemp(dir=self.root))

    def make(self, pair: Pair = ADDRESS, edges: int = 80, compile_flags: str = "",
             without: str = "", link_flags: str = "-static-libstdc++ -static-libgcc",
             more: list | None = None) -> Path:
        """A target of the service's build, `without` some of its flags when it compiles."""
        key = (pair, edges, compile_flags, without, link_flags, bool(more))
        if key not in self.built:
            folder = Path(tempfile.mkdtemp(dir=self.root))
            library = service.make_library(pair.engine, folder)
            flags = service.build_variables(pair, library, folder)["CXXFLAGS"].split()
            compiled = [flag for flag in flags if flag not in without.split()]
            (folder / "target.cpp").write_text(SOURCE)
            self.compile([*compiled, f"-DEDGES={edges}", *compile_flags.split(), "-std=c++20", "-c",
                          folder / "target.cpp", "-o", folder / "target.o"])
            self.compile([*flags, folder / "target.o", *(more or []), library, *link_flags.split(),
                          "-o", folder / "target"])
            self.built[key] = folder / "target"
        return self.built[key]

    def compile(self, words: list) -> None:
        outcome = child.run([CXX, *words], SECONDS_MAX)
        self.assertEqual(outcome.status, 0, outcome.output)

    def place(self, target: Path, name: str = "target", seeds: tuple[bytes, ...] = SEEDS) -> Path:
        """Puts the target into $OUT with its files."""
        shutil.copy(target, self.out / name)
        (self.out / f"{name}.options").write_text(OPTIONS)
        (self.out / f"{name}.dict").write_text(DICTIONARY)
        with zipfile.ZipFile(self.out / f"{name}_seed_corpus.zip", "w") as archive:
            for number, seed in enumerate(seeds):
                archive.writestr(f"seed-{number}", seed)
        return self.out / name

    def refusals(self, pair: Pair = ADDRESS, expected: tuple[str, ...] = ("target",),
                 built_in: Path = Path("/no/such/folder")) -> dict[str, str]:
        """The refusals of $OUT: the sentences of each check."""
        work = Path(tempfile.mkdtemp(dir=self.root))
        results = checks.check(self.out, work, pair, list(expected), built_in)
        refused: dict[str, str] = {}
        for refusal in (refusal for result in results for refusal in result.refusals):
            self.assertTrue(refusal.reproduce)
            refused[refusal.check] = f"{refused.get(refusal.check, '')}{refusal.what}\n"
        return refused

    def assert_refused_for(self, checks: set[str], saying: str = "", **options) -> None:
        refused = self.refusals(**options)
        self.assertEqual(set(refused), checks, refused)
        self.assertIn(saying, " ".join(refused.values()))


class NothingWrong(Controls):
    def assert_passes(self, pair: Pair) -> None:
        self.place(self.make(pair))
        self.assertEqual(self.refusals(pair), {})

    def test_address(self):
        self.assert_passes(ADDRESS)

    def test_undefined(self):
        self.assert_passes(Pair("undefined", "libfuzzer"))

    def test_coverage(self):
        self.assert_passes(Pair("coverage", "libfuzzer"))

    def test_afl(self):
        self.assert_passes(Pair("address", "afl"))

    def test_honggfuzz(self):
        self.assert_passes(Pair("address", "honggfuzz"))

    def test_centipede(self):
        for sanitizer in ("address", service.PLAIN):
            self.assert_passes(Pair(sanitizer, "centipede"))


class AskedByCentipede(Controls):
    def test_without_a_table_of_edges(self):
        pair = Pair(service.PLAIN, "centipede")
        self.place(self.make(pair, without="-fsanitize-coverage=trace-pc-guard,pc-table,trace-cmp",
                             compile_flags="-fsanitize-coverage=trace-pc-guard,trace-cmp"))
        self.assert_refused_for({"start"}, "its table of edges has 0 bytes", pair=pair)

    def test_a_sanitizer_in_the_plain_build(self):
        pair = Pair(service.PLAIN, "centipede")
        self.place(self.make(pair, compile_flags="-fsanitize=address",
                             link_flags="-static-libstdc++ -static-libgcc -fsanitize=address"))
        self.assert_refused_for({"mixed"}, "instrumented with address too", pair=pair)


class Instrumentation(Controls):
    def test_uninstrumented(self):
        self.place(self.make(without="-fsanitize=address -fsanitize=fuzzer-no-link"))
        refused = self.refusals()
        self.assertEqual(set(refused), {"sanitizer", "edges", "coverage"})
        self.assertIn("not instrumented with address", refused["sanitizer"])
        self.assertIn("0 instrumented edges", refused["edges"])

    def test_without_the_sanitizer_alone(self):
        self.place(self.make(without="-fsanitize=address"))
        self.assert_refused_for({"sanitizer"}, "not instrumented with address")

    def test_undefined_uninstrumented(self):
        """The runtime's own calls do not count."""
        pair = Pair("undefined", "libfuzzer")
        flags = service.SANITIZER_FLAGS["undefined"]
        self.place(self.make(pair, without=flags))
        self.assert_refused_for({"sanitizer"}, "not instrumented with undefined", pair=pair)

    def test_coverage_uninstrumented(self):
        pair = Pair("coverage", "libfuzzer")
        self.place(self.make(pair, without="-fprofile-instr-generate -fcoverage-mapping"))
        self.assertIn("sanitizer", self.refusals(pair))

    def test_too_few_edges(self):
        self.place(self.make(edges=4))
        refused = self.refusals()
        self.assertEqual(set(refused), {"sanitizer", "edges"})
        self.assertIn("instrumented edges, 100 needed", refused["edges"])
        self.assertIn("the services want 1000", refused["sanitizer"])

    def test_mixed_with_undefined(self):
        self.place(self.make(compile_flags="-fsanitize=undefined"))
        self.assert_refused_for({"mixed"}, "instrumented with undefined too")

    def test_mixed_with_thread(self):
        """The service's check does not see this fault."""
        for name, source, flags in (("races", RACES, ["-O0", "-Xclang", "-fsanitize=thread"]),
                                    ("runtime", RUNTIME, [])):
            (self.root / f"{name}.cpp").write_text(source)
            self.compile([*flags, "-c", self.root / f"{name}.cpp", "-o", self.root / f"{name}.o"])
        self.place(self.make(compile_flags="-DRACES",
                             more=[self.root / "races.o", self.root / "runtime.o"]))
        self.assert_refused_for({"mixed"}, "instrumented with thread too")

    def test_architecture(self):
        target = self.place(self.make())
        content = bytearray(target.read_bytes())
        content[18] = 183  # aarch64
        target.write_bytes(content)
        self.assert_refused_for({"architecture"}, "not for x86_64")


class Place(Controls):
    def test_hard_coded_path(self):
        """The target works while the folder exists, but is refused."""
        source = self.root / "source"
        source.mkdir(exist_ok=True)
        (source / "table").write_text("")
        self.place(self.make(compile_flags=f'-DFOLDER="{source}"'))
        self.assert_refused_for({"source-path"}, str(source), built_in=source)

    def test_hard_coded_path_that_is_gone(self):
        source = self.root / "source"
        target = self.make(compile_flags=f'-DFOLDER="{source}"')
        shutil.rmtree(source, ignore_errors=True)
        self.place(target)
        self.assert_refused_for({"source-path", "start"}, "does not start: no table",
                                built_in=source)

    def test_run_path(self):
        self.place(self.make(link_flags="-static-libstdc++ -static-libgcc -Wl,-rpath,/opt/lib"))
        self.assert_refused_for({"relocatable"}, "looks for libraries in /opt/lib")

    def test_library_of_the_build_machine(self):
        self.place(self.make(link_flags=""))
        self.assertIn("libc++.so.1", self.refusals()["relocatable"])

    def test_library_beside_it(self):
        self.place(self.make(link_flags="-Wl,-rpath,$ORIGIN/lib"))
        (self.out / "lib").mkdir()
        for name in ("libc++.so.1", "libc++abi.so.1", "libunwind.so.1"):
            shutil.copy(f"/usr/lib/llvm-19/lib/{name}", self.out / "lib" / name)
        self.assertEqual(self.refusals(), {})

    def test_name(self):
        self.place(self.make(), "tar.get")
        self.assert_refused_for({"name"}, "ignore a name", expected=("tar.get",))

    def test_missing_and_unexpected(self):
        self.place(self.make())
        self.assert_refused_for({"missing", "unexpected"}, expected=("other",))


class Beside(Controls):
    """The files beside a target in $OUT."""

    def test_crashing_seed(self):
        for pair in (ADDRESS, Pair("address", "afl"), Pair("address", "honggfuzz"),
                     Pair("coverage", "libfuzzer")):
            with self.subTest(str(pair)):
                self.place(self.make(pair), seeds=(SEEDS[0], b"BUG", SEEDS[1]))
                self.assert_refused_for({"seeds"}, "seed-1: ", pair=pair)

    def test_seeds_that_reach_nothing(self):
        for pair in (ADDRESS, Pair("address", "honggfuzz"), Pair("coverage", "libfuzzer")):
            with self.subTest(str(pair)):
                self.place(self.make(pair), seeds=(b"",))
                self.assert_refused_for({"coverage"}, "an empty corpus", pair=pair)

    def test_no_seeds(self):
        self.place(self.make(), seeds=())
        self.assert_refused_for({"seeds"}, "is empty")
        (self.out / "target_seed_corpus.zip").write_bytes(b"no archive")
        self.assert_refused_for({"seeds"}, "not a zip file")

    def test_a_target_without_seeds_or_dictionary_of_its_own(self):
        self.place(self.make())
        (self.out / "target_seed_corpus.zip").unlink()
        (self.out / "target.dict").unlink()
        self.assertEqual(self.refusals(), {})

    def test_seeds_and_dictionary_that_the_build_lost(self):
        name = "mailbox_step"
        self.place(self.make(), name)
        (self.out / f"{name}_seed_corpus.zip").unlink()
        self.assert_refused_for({"seeds"}, f"there is no {name}_seed_corpus.zip", expected=(name,))
        self.place(self.make(), name)
        (self.out / f"{name}.dict").unlink()
        self.assert_refused_for({"dictionary"}, "it is missing", expected=(name,))

    def test_options(self):
        options = self.place(self.make()).with_suffix(".options")
        for text, saying in (("[libfuzzer]\nmax_length = 9\n", "unrecognized flag '-max_length=9'"),
                             ("[asan]\nno_such_option = 1\n", "1 unrecognized flag"),
                             ("[tsan]\nhalt_on_error = 1\n", "no section [tsan]"),
                             ("max_len = 9\n", "no section headers"),
                             ("[libfuzzer]\nmax_len = 9 bytes\n", "is not one word")):
            with self.subTest(text):
                options.write_text(text)
                self.assertIn(saying, self.refusals()["options"])
        options.unlink()
        self.assert_refused_for({"options"}, "there is no target.options")

    def test_dictionary(self):
        dictionary = self.place(self.make()).with_suffix(".dict")
        dictionary.write_text('"\\x01\n')
        self.assertIn("dictionary", self.refusals())
        dictionary.write_text("# nothing\n")
        self.assertIn("dictionary", self.refusals())

    def test_dictionary_of_afl(self):
        pair = Pair("address", "afl")
        self.place(self.make(pair)).with_suffix(".dict").write_text('"\\x01\n')
        self.assertIn("dictionary", self.refusals(pair))


if __name__ == "__main__":
    unittest.main()
