// The stand-in for honggfuzz and for Centipede's runner in `./mailproof oss-fuzz-check`, because
// Debian has no package of either. It links as they do: a library with main() and the callbacks of
// trace-pc-guard,pc-table,indirect-calls, trace-cmp and trace-loads. It does not fuzz: it runs the
// given files and counts edges.
//
//     TARGET FILE...     prints "edges N covered M runs K"; exit 1 if the target returns anything
//                        but 0
//
// With CENTIPEDE_RUNNER_FLAGS=":dump_binary_info:arg1=FILE:..." it writes the table of edges to
// FILE, as Centipede asks every target before it fuzzes it: an address and a word of flags for
// each.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

uint32_t edges = 0;
uint32_t covered = 0;

std::string table;

}  // namespace

// Called by every module before main(), with the module's part of the table.
extern "C" void __sanitizer_cov_pcs_init(const char* begin, const char* end) {
    table.append(begin, end);
}

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
extern "C" void __sanitizer_cov_load1(uint8_t*) {}
extern "C" void __sanitizer_cov_load2(uint16_t*) {}
extern "C" void __sanitizer_cov_load4(uint32_t*) {}
extern "C" void __sanitizer_cov_load8(uint64_t*) {}
extern "C" void __sanitizer_cov_load16(unsigned __int128*) {}

// Nothing is mutated here; the custom mutators of targets refer to this name.
extern "C" size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) { return size; }

namespace {

/// The value of a flag in ":name=value:name=value:"; empty without one.
std::string_view value_of(std::string_view flags, std::string_view name) {
    const size_t at = flags.find(":" + std::string(name) + "=");
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = flags.substr(at + name.size() + 2);
    return rest.substr(0, rest.find(':'));
}

/// Writes the table if Centipede asks for it. Returns whether it did.
bool answer_centipede() {
    const char* const variable = std::getenv("CENTIPEDE_RUNNER_FLAGS");
    const std::string_view flags = variable == nullptr ? "" : variable;
    if (flags.find(":dump_binary_info:") == std::string_view::npos) {
        return false;
    }
    std::ofstream(std::string(value_of(flags, "arg1")), std::ios::binary) << table;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (answer_centipede()) {
        return 0;
    }
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
