// The file of the executable that this process runs: its sections and its functions.
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weave {

class ElfFile {
  public:
    /// Maps the file. Without it there are no sections.
    ElfFile();
    ~ElfFile();
    ElfFile(const ElfFile&) = delete;
    ElfFile& operator=(const ElfFile&) = delete;

    std::span<const Elf64_Shdr> sections() const;
    template <class T>
    std::span<const T> entries(const Elf64_Shdr& section) const {
        return {reinterpret_cast<const T*>(bytes_ + section.sh_offset),
                section.sh_size / sizeof(T)};
    }
    /// The section that another one refers to: the names of a symbol table, for example.
    const Elf64_Shdr& linked(const Elf64_Shdr& section) const {
        return sections()[section.sh_link];
    }
    const char* name(const Elf64_Shdr& names, size_t offset) const {
        return bytes_ + names.sh_offset + offset;
    }

  private:
    const char* bytes_ = nullptr;
    size_t size_ = 0;
};

struct Function {
    uintptr_t begin;
    size_t size;
    std::string_view name;  ///< as long as the file is mapped
    bool is_local;
};

/// The functions that the executable has a symbol of, in the order of their addresses.
std::vector<Function> functions_of(const ElfFile& file);

/// The functions that were compiled with weave's flags.
class Instrumented {
  public:
    Instrumented();
    bool is_empty() const { return listed_.empty(); }
    bool contains(const Function& function) const;

  private:
    std::vector<uintptr_t> listed_;
};

inline bool begins_with_one_of(std::string_view name,
                               std::span<const std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return name.starts_with(beginning); });
}

/// Is it a function of the C or C++ library, or of GoogleTest?
bool is_of_a_library(std::string_view name);

}  // namespace weave
