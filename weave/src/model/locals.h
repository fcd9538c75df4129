// Global objects and local ones, as the compiler lays them out under -fsanitize=address: with gaps
// between them that the program must not touch. weave uses that layout only, not the checks nor the
// runtime that belong to it: its own accesses are those of plain.h.
//
// The compiler keeps a byte of *shadow* for each 8 bytes of memory, at a fixed place: 0 if all of
// them may be touched, 1 to 7 if only that many of the first, and otherwise why not. A function
// asks for a *frame*, in which its locals lie; one that is given back is not given out again soon.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weave {

class Execution;

/// The room of all frames; both are 0 if the program has none.
extern uintptr_t frames_begin __attribute__((visibility("hidden")));
extern size_t frames_size __attribute__((visibility("hidden")));

/// The shadow of the first frame.
extern uintptr_t frames_shadow __attribute__((visibility("hidden")));

inline bool is_in_frames(uintptr_t address) { return address - frames_begin < frames_size; }
inline bool is_in_shadow_of_frames(uintptr_t address) {
    return address - frames_shadow < frames_size / 8;
}

/// The bytes of the 8 around an address that the layout of global objects allows, a bit each.
uint8_t usable_by_layout(uintptr_t address);

/// True if the layout allows all of these bytes.
bool is_usable_by_layout(uintptr_t begin, size_t size);

/// Gives the shadow of unmapped memory back: some kernels count pages of it that were only read.
void release_layout(uintptr_t begin, size_t size);

/// Ends the execution if the current thread may not touch these bytes of a frame.
void check_frame(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc);

/// Ends the execution because of an access to what lies between two objects, or to a local object
/// that is dead.
[[noreturn]] void report_layout(Execution& execution, uintptr_t address, size_t size, bool is_write,
                                uint32_t pc);

struct FrameRange {
    uintptr_t begin;
    uintptr_t end;
};
enum class FrameUse : uint8_t {
    dead,      ///< the function has returned, or the frame was never given out
    own,       ///< by a function of the thread
    of_others  ///< by a function of another thread
};

/// Who uses the frame that has this address, one of is_in_frames(). `frame` is the part of it that
/// holds locals, if it is the thread's own. Of more than 255 threads, some count as one.
FrameUse find_frame(uintptr_t address, unsigned thread, FrameRange& frame);

/// Calls `scan` with the beginning and end of each frame in use.
void for_each_frame(void* to, void (*scan)(void* to, uintptr_t begin, uintptr_t end));

}  // namespace weave
