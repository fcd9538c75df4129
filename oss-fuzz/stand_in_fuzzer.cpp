// The stand-in for honggfuzz in `./mailproof oss-fuzz-check`, because Debian has no package of it.
// It links as honggfuzz does: a library with main() and the callbacks of
// trace-pc-guard,indirect-calls and trace-cmp. It does not fuzz: it runs the given files and counts
// edges.
//
//     TARGET FILE...     prints "edges N covered M runs K"; exit 1 if the target returns anything
//                        but 0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

uint32_t edges = 0;
uint32_t covered = 0;

}  // namespace

// Called by every module before main(); guards that were counted before are not zero.
extern "C" void __sanitizer_cov_trace_pc_guard_init(uint32_t* begin, uint32_t* end) {
    for (uint32_t* guard = begin; guard != end && *guard == 0; ++guard) {
        *guard = ++edges;
    }
}

// Concurrent threads may count an edge twice; the sum is approximate.
extern "C" void __sanitizer_cov_trace_pc_guard(uint32_t* guard) {
    if (__atomic_exchange_n(guard, 0, __ATOMIC_RELAXED) != 0) {
        __atomic_fetch_add(&covered, 1, __ATOMIC_RELAXED);
    }
}

extern "C" void __sanitizer_cov_trace_pc_indir(uintptr_t) {}
extern "C" void __sanitizer_cov_trace_cmp1(uint8_t, uint8_t) {}
extern "C" void __sanitizer_cov_trace_cmp2(uint16_t, uint16_t) {}
extern "C" void __sanitizer_cov_trace_cmp4(uint32_t, uint32_t) {}
extern "C" void __sanitizer_cov_trace_cmp8(uint64_t, uint64_t) {}
extern "C" void __sanitizer_cov_trace_const_cmp1(uint8_t, uint8_t) {}
extern "C" void __sanitizer_cov_trace_const_cmp2(uint16_t, uint16_t) {}
extern "C" void __sanitizer_cov_trace_const_cmp4(uint32_t, uint32_t) {}
extern "C" void __sanitizer_cov_trace_const_cmp8(uint64_t, uint64_t) {}
extern "C" void __sanitizer_cov_trace_switch(uint64_t, uint64_t*) {}

// Nothing is mutated here; the custom mutators of targets refer to this name.
extern "C" size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) { return size; }

int main(int argc, char** argv) {
    if (LLVMFuzzerInitialize != nullptr) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "cannot read %s\n", argv[i]);
            return 2;
        }
        const std::vector<uint8_t> input((std::istreambuf_iterator<char>(file)),
                                         std::istreambuf_iterator<char>());
        if (const int result = LLVMFuzzerTestOneInput(input.data(), input.size())) {
            std::fprintf(stderr, "returned %d for %s\n", result, argv[i]);
            return 1;
        }
    }
    std::printf("edges %u covered %u runs %d\n", edges, covered, argc - 1);
    return 0;
}
