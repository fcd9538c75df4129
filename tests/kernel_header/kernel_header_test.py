#!/usr/bin/env python3
"""Plants one fault at a time in a kernel-safe header and expects the check to refuse it."""
import pathlib
import tempfile
import unittest

from kernel_header import problems_of

CLEAN = """#pragma once
#include <stdint.h>
#include "pto_constants.h"
inline uint32_t next(uint32_t value) { return value + one; }
"""
CONSTANTS = "#pragma once\n#include <stdint.h>\ninline constexpr uint32_t one = 1;\n"

FAULTS = {
    "the atomic header": "#include <atomic>\n",
    "the C atomic header": "#include <stdatomic.h>\n",
    "a C++ library header": "#include <cstdint>\n",
    "a C library header": "#include <string.h>\n",
    "another header of the tree": '#include "ring.h"\n',
    "an atomic builtin":
        "inline int f(int* p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }\n",
    "an atomic type": "inline int g(_Atomic(int)* p);\n",
    "C++20": "consteval int h() { return 1; }\n",
    "an exception": "inline void e() { throw 1; }\n",
}


def check(extra_text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "pto_constants.h").write_text(CONSTANTS, encoding="utf-8")
        (root / "ring.h").write_text("#pragma once\n", encoding="utf-8")
        header = root / "aicore_completion_mailbox_types.h"
        header.write_text(CLEAN + extra_text, encoding="utf-8")
        return {compiler: problems_of(compiler, root, header)
                for compiler in ("clang++-19", "g++-12")}


class KernelHeaderTest(unittest.TestCase):
    def test_a_clean_header_passes(self):
        self.assertEqual(check(""), {"clang++-19": [], "g++-12": []})

    def test_each_fault_is_refused_by_both_compilers(self):
        for name, text in FAULTS.items():
            for compiler, problems in check(text).items():
                with self.subTest(fault=name, compiler=compiler):
                    self.assertTrue(problems)


if __name__ == "__main__":
    unittest.main()
