// The functions that libFuzzer and AFL++'s driver call: run one input, mutate, cross over.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/schedule_mutator.h"
#include "fuzz/kit/seed_files.h"

/// `--generate DIR` writes the seeds, as the replay program does, where no replay program is built.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    if (*argc == 3 && std::string_view((*argv)[1]) == "--generate") {
        fuzz::write_seeds((*argv)[2], fuzz::fuzz_target().seeds());
        std::exit(0);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::fuzz_target().run({data, size});
    return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace {

/// FUZZ_WISHES is not 0: mutations may add wishes.
bool has_wishes() {
    static const bool has_wishes = [] {
        const char* const value = std::getenv("FUZZ_WISHES");
        return value == nullptr || std::string_view(value) != "0";
    }();
    return has_wishes;
}

}  // namespace

// One in four goes to the fuzzer's own mutations, which know the comparisons and the dictionary.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned int seed) {
    if (seed % 4 == 0) {
        return LLVMFuzzerMutate(data, size, size_max);
    }
    fuzz::Random random(seed);
    std::vector<uint8_t> input(data, data + size);
    fuzz::mutate_schedule(fuzz::fuzz_target().format, input, size_max, random,
                          {has_wishes(), fuzz::fuzz_target().propose_wish});
    std::copy(input.begin(), input.end(), data);
    return input.size();
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* first, size_t first_size,
                                            const uint8_t* second, size_t second_size, uint8_t* out,
                                            size_t out_size_max, unsigned int seed) {
    fuzz::Random random(seed);
    const std::vector<uint8_t> child =
        fuzz::cross_schedules(fuzz::fuzz_target().format, {first, first_size},
                              {second, second_size}, out_size_max, random);
    std::copy(child.begin(), child.end(), out);
    return child.size();
}
