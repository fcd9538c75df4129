// What a function of the C library reads and writes on the program's behalf.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstring>

#include "entry/entry.h"
#include "model/plain.h"

namespace weave {

/// True for a call from the program, while an execution runs: not from the runtime, nor from a
/// shared library.
bool is_program_call(const void* return_address);

/// The accesses of one call, made at the place of the call.
class LibraryCall {
  public:
    explicit LibraryCall(const void* return_address) : pc_(pc_of(return_address)) {}

    void reads(const void* from, size_t size) const { access(from, size, false); }
    void writes(const void* to, size_t size) const { access(to, size, true); }
    /// Reads bytes that need no value, such as the unused end of a buffer.
    void reads_bytes(const void* from, size_t size) const {
        plain_read_of_any(*active, reinterpret_cast<uintptr_t>(from), size, pc_);
    }
    /// Reads a text and the 0 at its end. Returns its length.
    size_t reads_text(const char* text) const {
        const size_t length = length_of(text, SIZE_MAX);
        reads(text, length + 1);
        return length;
    }
    /// The same, but not more than `limit` bytes.
    size_t reads_text(const char* text, size_t limit) const {
        const size_t length = length_of(text, limit);
        reads(text, length < limit ? length + 1 : limit);
        return length;
    }
    /// Copies bytes, of which some may have no value.
    void copies(void* to, const void* from, size_t size) const {
        if (size != 0) {
            plain_copy(*active, reinterpret_cast<uintptr_t>(to), reinterpret_cast<uintptr_t>(from),
                       size, pc_);
        }
    }
    /// Copies a text with the 0 at its end. Returns its length.
    size_t copies_text(void* to, const char* from) const {
        const size_t length = reads_text(from);
        writes(to, length + 1);
        return length;
    }
    /// What the conversions of a printf() format read and write.
    void prints(const char* format, va_list list) const;
    /// What the first `count` conversions of a scanf() format have written.
    void scanned(const char* format, va_list list, int count) const;

  private:
    void access(const void* at, size_t size, bool is_write) const {
        if (size != 0) {
            plain_access(*active, reinterpret_cast<uintptr_t>(at), size, is_write, pc_);
        }
    }
    size_t length_of(const char* text, size_t limit) const;

    const uint32_t pc_;
};

}  // namespace weave
