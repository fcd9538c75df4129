#include "run/elf_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "run/image.h"

// The linker's names for the list of functions that the flags make the compiler write
// (-fpatchable-function-entry). Where a file compiled with weave's flags is linked, there is one.
extern "C" {
extern __attribute__((weak, visibility("hidden")))
const uintptr_t __start___patchable_function_entries[];
extern __attribute__((weak, visibility("hidden")))
const uintptr_t __stop___patchable_function_entries[];
}

namespace weave {

ElfFile::ElfFile() {
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat state{};
    if (file >= 0 && fstat(file, &state) == 0) {
        size_ = static_cast<size_t>(state.st_size);
        void* const mapped = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
        bytes_ = mapped == MAP_FAILED ? nullptr : static_cast<const char*>(mapped);
    }
    if (file >= 0) {
        close(file);
    }
}

ElfFile::~ElfFile() {
    if (bytes_ != nullptr) {
        munmap(const_cast<char*>(bytes_), size_);
    }
}

std::span<const Elf64_Shdr> ElfFile::sections() const {
    if (bytes_ == nullptr) {
        return {};
    }
    const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(bytes_);
    return {reinterpret_cast<const Elf64_Shdr*>(bytes_ + header.e_shoff), header.e_shnum};
}

namespace {

/// Is it a function, or a label of an assembly file that other files can call?
bool is_function(const ElfFile& file, const Elf64_Sym& symbol) {
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    return type == STT_FUNC
               ? symbol.st_shndx != SHN_UNDEF
               : type == STT_NOTYPE && ELF64_ST_BIND(symbol.st_info) == STB_GLOBAL &&
                     symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < file.sections().size() &&
                     (file.sections()[symbol.st_shndx].sh_flags & SHF_EXECINSTR) != 0;
}

}  // namespace

std::vector<Function> functions_of(const ElfFile& file) {
    std::vector<Function> functions;
    for (const Elf64_Shdr& section : file.sections()) {
        if (section.sh_type != SHT_SYMTAB) {
            continue;
        }
        const Elf64_Shdr& names = file.linked(section);
        for (const Elf64_Sym& symbol : file.entries<Elf64_Sym>(section)) {
            if (is_function(file, symbol)) {
                functions.push_back({image_base() + symbol.st_value, symbol.st_size,
                                     file.name(names, symbol.st_name),
                                     ELF64_ST_BIND(symbol.st_info) == STB_LOCAL});
            }
        }
    }
    std::sort(functions.begin(), functions.end(),
              [](const Function& a, const Function& b) { return a.begin < b.begin; });
    // Assembly files seldom give sizes: such a function ends where the next one begins.
    for (size_t i = 0; i + 1 < functions.size(); ++i) {
        if (functions[i].size == 0) {
            functions[i].size = functions[i + 1].begin - functions[i].begin;
        }
    }
    return functions;
}

Instrumented::Instrumented()
    : listed_(__start___patchable_function_entries, __stop___patchable_function_entries) {
    std::sort(listed_.begin(), listed_.end());
}

bool Instrumented::contains(const Function& function) const {
    // The list has the address of what -fpatchable-function-entry puts before each function.
    constexpr uintptr_t listed_before = 16;
    return std::binary_search(listed_.begin(), listed_.end(), function.begin - listed_before);
}

bool is_of_a_library(std::string_view name) {
    static constexpr std::string_view libraries[] = {"_ZNS",
                                                     "_ZZNS",
                                                     "_ZZNKS",
                                                     "_ZZS",
                                                     "_ZNKS",
                                                     "_ZS",
                                                     "_ZGT",
                                                     "_ZNVS",
                                                     "_ZN9__gnu_cxx",
                                                     "_ZNK9__gnu_cxx",
                                                     "_ZN10__cxxabiv",
                                                     "_ZNK10__cxxab",
                                                     "_Zn",
                                                     "_Zd",
                                                     "_ZThn",
                                                     "_ZTv",
                                                     "_ZN7testing",
                                                     "_ZNK7tes",
                                                     "atomic_flag_",
                                                     "atomic_thread_fence"};
    // The runtime of -fprofile-instr-generate, which writes the profile when the process ends.
    static constexpr std::string_view profiles[] = {"lprof",
                                                    "InstProf",
                                                    "InstrProf",
                                                    "createProfileDir",
                                                    "getFirstValueProf",
                                                    "getProfileFileSize",
                                                    "getValueProf",
                                                    "initializeProfile",
                                                    "initializeValueProf",
                                                    "mmapProfile",
                                                    "serializeValueProf",
                                                    "writeOneValueProf"};
    // The C++ library has no atomic object of its own that is not inlined.
    static constexpr std::string_view programs[] = {"_ZNSt13__atomic_base", "_ZNSt6atomic",
                                                    "_ZNSt11atomic_flag"};
    return !begins_with_one_of(name, programs) &&
           ((name.starts_with("_") && !name.starts_with("_Z")) ||
            name.find("_txnal_") != std::string_view::npos || begins_with_one_of(name, libraries) ||
            begins_with_one_of(name, profiles));
}

}  // namespace weave
