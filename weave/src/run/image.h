// The executable that this process runs: where it is in memory, and which parts of it are writable.
#pragma once

#include <cstddef>
#include <cstdint>

// The linker's names for the section of coverage counters, where there is one.
extern "C" {
extern char __start___llvm_prf_cnts[] __attribute__((weak));
extern char __stop___llvm_prf_cnts[] __attribute__((weak));
}

namespace weave {

struct Region {
    uintptr_t begin;
    uintptr_t end;
};

struct Regions {
    static constexpr unsigned count_max = 8;
    Region items[count_max];
    unsigned count = 0;
    const Region* begin() const { return items; }
    const Region* end() const { return items + count; }
};

/// The address that link-time addresses are counted from.
uintptr_t image_base();
uintptr_t image_end();
/// A hash of the executable's code, the same in each process and never 0: what a schedule is for.
uint64_t image_identity();
/// The executable's writable segments, without those parts that are read-only after relocation.
const Regions& writable_image();

/// The program's variables at one moment, without the runtime's own.
class ImageSnapshot {
  public:
    /// Takes the snapshot.
    ImageSnapshot();
    /// Puts the variables back to what they were then.
    void restore() const;

  private:
    struct Part {
        uintptr_t begin;
        size_t size;
        void* copy;
    };
    static constexpr unsigned parts_max = 4 * Regions::count_max;

    void add(uintptr_t begin, uintptr_t end);

    Part parts_[parts_max];
    unsigned count_ = 0;
};

/// Is it a counter that -fprofile-instr-generate put into the executable? Coverage is for all
/// executions together, and the compiler counts with plain accesses, which its own ThreadSanitizer
/// does not mean to see, but sees where it has merged the counting of two branches.
inline bool is_coverage_counter(uintptr_t address) {
    const auto begin = reinterpret_cast<uintptr_t>(__start___llvm_prf_cnts);
    return address - begin < reinterpret_cast<uintptr_t>(__stop___llvm_prf_cnts) - begin;
}

/// Is this an address in the executable, and not in a shared library?
bool is_in_image(const void* address);
/// The part in use of the stack that explore() was called on.
Region host_stack();
/// Sets its lowest address, the frame of explore().
void set_host_stack(uintptr_t lowest);

}  // namespace weave
