// A pipe can be read once only: what it holds is copied into a file in memory when the program
// first reads from it, and that file takes its place.
#include "entry/input.h"

#include <poll.h>
#include <stdio_ext.h>
#include <sys/mman.h>
#include <unistd.h>

#include "entry/descriptor.h"
#include "entry/entry.h"

namespace weave {

namespace {

WEAVE_KEPT bool is_prepared = false;
WEAVE_KEPT bool is_used = false;
WEAVE_KEPT off_t start = 0;

/// Copies all that a pipe or the like holds. Waits for its end.
void copy_input() {
    auto* const real_read = WEAVE_REAL(read);
    auto* const real_write = WEAVE_REAL(write);
    const int copy = memfd_create("standard input", MFD_CLOEXEC);
    if (copy < 0) {
        return;
    }
    char part[4096];
    for (ssize_t size; (size = real_read(STDIN_FILENO, part, sizeof part)) > 0;) {
        if (real_write(copy, part, static_cast<size_t>(size)) != size) {
            break;
        }
    }
    lseek(copy, 0, SEEK_SET);
    WEAVE_REAL(dup2)(copy, STDIN_FILENO);
    WEAVE_REAL(close)(copy);
}

void prepare() {
    is_prepared = true;
    start = lseek(STDIN_FILENO, 0, SEEK_CUR);
    if (start >= 0) {
        return;
    }
    start = 0;
    if (isatty(STDIN_FILENO) != 0) {
        write_message(
            "weave: the program reads from a terminal: type all of its input now, and "
            "its end; each execution reads it from the beginning\n");
    }
    copy_input();
}

}  // namespace

void use_input(int descriptor) {
    if (descriptor != STDIN_FILENO || active == nullptr || !active->settings().is_program) {
        return;
    }
    is_used = true;
    if (!is_prepared) {
        prepare();
    }
}

void use_input(FILE* file) {
    const int descriptor = fileno(file);
    use_input(descriptor);
    if (active != nullptr && __fpending(file) == 0 && file->_IO_read_ptr == file->_IO_read_end) {
        wait_for_descriptor(*active, descriptor, POLLIN, 0);
    }
}

void rewind_input() {
    if (!is_used) {
        return;
    }
    is_used = false;
    __fpurge(stdin);
    clearerr(stdin);
    lseek(STDIN_FILENO, start, SEEK_SET);
}

}  // namespace weave
