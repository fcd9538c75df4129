// The flags make the compiler list each function that it compiles (-fpatchable-function-entry). The
// symbols of the executable that are not in this list are looked at as bytes: there is no
// disassembler, so only such bytes count that hardly occur by chance.
#include "run/uninstrumented.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "run/elf_file.h"
#include "run/image.h"

namespace weave {

namespace {

/// The name of the function that begins at an address, or nothing.
std::string_view name_at(std::span<const Function> functions, uintptr_t address) {
    const auto found = std::lower_bound(
        functions.begin(), functions.end(), address,
        [](const Function& function, uintptr_t at) { return function.begin < at; });
    return found != functions.end() && found->begin == address ? found->name : "";
}

/// Has the compiler or the linker made this function of its own accord?
bool is_made(std::string_view name) {
    static constexpr std::string_view made[] = {"_start",
                                                "_init",
                                                "_fini",
                                                "_dl_relocate_static_pie",
                                                "_GLOBAL__",
                                                "deregister_tm",
                                                "register_tm",
                                                "frame_dummy",
                                                "__do_global",
                                                "__cxx_global",
                                                "__clang_call_terminate",
                                                "__emutls",
                                                "__tls_init",
                                                "_ZTW",
                                                "_ZTH"};
    return name.find('.') != std::string_view::npos || begins_with_one_of(name, made);
}

bool is_on_threads(std::string_view name) {
    static constexpr std::string_view on_threads[] = {
        "pthread_", "sem_",         "mtx_",      "cnd_",
        "thrd_",    "_ZNSt6thread", "call_once", "_ZNSt18condition_variable"};
    return begins_with_one_of(name, on_threads);
}

int32_t number_at(const uint8_t* code) {
    int32_t number;
    std::memcpy(&number, code, sizeof number);
    return number;
}

bool is_variable(uintptr_t address) {
    const Regions& regions = writable_image();
    return std::any_of(regions.begin(), regions.end(), [&](const Region& region) {
        return region.begin <= address && address < region.end;
    });
}

/// Does an instruction with a lock prefix begin here, on memory that is not the function's frame?
/// The prefix alone is also a common displacement.
bool is_locked(const uint8_t* code) {
    constexpr uint8_t lock = 0xf0;
    if (*code++ != lock) {
        return false;
    }
    constexpr uint8_t operand_size = 0x66;
    code += *code == operand_size ? 1 : 0;
    code += (*code & 0xf0) == 0x40 ? 1 : 0;
    static constexpr std::string_view short_ones(
        "\x00\x01\x08\x09\x10\x11\x18\x19\x20\x21\x28\x29\x30\x31\x80\x81\x83\x86\x87\xf6\xf7\xfe"
        "\xff",
        23);
    static constexpr std::string_view long_ones("\xab\xb0\xb1\xb3\xba\xbb\xc0\xc1\xc7");
    const bool is_long = *code == 0x0f;
    code += is_long ? 1 : 0;
    const std::string_view opcodes = is_long ? long_ones : short_ones;
    if (opcodes.find(static_cast<char>(*code)) == std::string_view::npos) {
        return false;
    }
    const unsigned mode = code[1] >> 6;
    const unsigned base = code[1] & 7;
    const bool is_frame = base == 4 || (base == 5 && mode != 0);
    return mode != 3 && !is_frame;
}

/// What a function does that other threads may see or that touches what they do; null if nothing.
const char* use_of(const Function& function, std::span<const Function> all) {
    const auto* const begin = reinterpret_cast<const uint8_t*>(function.begin);
    // The shortest instruction that counts has 4 bytes: a lock prefix, and an operation on memory.
    for (size_t i = 0; i + 4 <= function.size; ++i) {
        const uint8_t* const code = begin + i;
        const uintptr_t target = reinterpret_cast<uintptr_t>(code) + 5 +
                                 static_cast<uintptr_t>(intptr_t{number_at(code + 1)});
        if (is_locked(code)) {
            return "has an atomic instruction";
        }
        constexpr uint8_t call = 0xe8;
        constexpr uint8_t jump = 0xe9;
        if ((*code == call || *code == jump) && is_on_threads(name_at(all, target))) {
            return "calls a function on threads";
        }
        const bool is_relative = (*code & 0xc7) == 0x05;
        if (is_relative &&
            (is_variable(target) || is_variable(target + 1) || is_variable(target + 4))) {
            return "names a variable";
        }
    }
    return nullptr;
}

/// The functions of the program that were not compiled with weave's flags; none if none was.
std::vector<Function> uninstrumented_of(const std::vector<Function>& functions) {
    const Instrumented instrumented;
    std::vector<Function> found;
    std::copy_if(functions.begin(), functions.end(), std::back_inserter(found),
                 [&](const Function& function) {
                     return !instrumented.is_empty() && function.size != 0 &&
                            !is_made(function.name) && !function.is_local &&
                            !is_of_a_library(function.name) && !instrumented.contains(function);
                 });
    return found;
}

std::string shown(std::string_view name) {
    int status = 0;
    char* const text = abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status);
    const std::string result = text == nullptr ? std::string(name) + "()" : text;
    std::free(text);
    return result;
}

}  // namespace

std::string first_uninstrumented() {
    const ElfFile file;
    const std::vector<Function> functions = functions_of(file);
    for (const Function& function : uninstrumented_of(functions)) {
        if (const char* const use = use_of(function, functions); use != nullptr) {
            return shown(function.name) + ", which " + use +
                   ", was not compiled with weave's flags";
        }
    }
    return "";
}

std::vector<std::string> all_uninstrumented() {
    const ElfFile file;
    std::vector<std::string> names;
    for (const Function& function : uninstrumented_of(functions_of(file))) {
        names.push_back(shown(function.name));
    }
    return names;
}

}  // namespace weave
