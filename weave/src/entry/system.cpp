// What is put back between two executions: descriptors that were opened or closed, standard input,
// the environment, the current folder, mappings and the locale. Defines chdir(), fchdir(),
// setlocale() and umask() of the C library.
#include "entry/system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cstring>

#include "entry/descriptor.h"
#include "entry/entry.h"
#include "entry/input.h"
#include "run/system.h"

namespace weave {

namespace {

/// The environment before the first execution.
struct Environment {
    char** first = nullptr;
    char** copy = nullptr;
    size_t count = 0;
};
WEAVE_KEPT Environment environment{};
WEAVE_KEPT int folder = -1;
WEAVE_KEPT bool has_left_folder = false;
WEAVE_KEPT bool has_set_locale = false;
WEAVE_KEPT bool has_set_umask = false;
WEAVE_KEPT mode_t first_umask = 0;
WEAVE_KEPT char locale_name[256] = "C";

void keep_environment() {
    environment.first = environ;
    while (environ != nullptr && environ[environment.count] != nullptr) {
        ++environment.count;
    }
    const size_t size = (environment.count + 1) * sizeof *environ;
    environment.copy = static_cast<char**>(reserve(size));
    if (environ != nullptr) {
        std::memcpy(static_cast<void*>(environment.copy), environ, size);
    }
}

void restore_environment() {
    environ = environment.first;
    if (environ != nullptr) {
        std::memcpy(static_cast<void*>(environ), environment.copy,
                    (environment.count + 1) * sizeof *environ);
    }
}

}  // namespace

void keep_system() {
    keep_environment();
    keep_descriptors();
    folder = WEAVE_REAL(open)(".", O_PATH | O_CLOEXEC | O_DIRECTORY, 0);
    if (folder >= 0) {
        folder = take_high_descriptor(folder);
    }
    const char* const name = WEAVE_REAL(setlocale)(LC_ALL, nullptr);
    if (name != nullptr && std::strlen(name) < sizeof locale_name) {
        std::memcpy(locale_name, name, std::strlen(name) + 1);
    }
}

void restore_system() {
    restore_mappings();
    rewind_input();
    restore_descriptors();
    restore_environment();
    if (has_left_folder) {
        has_left_folder = false;
        if (WEAVE_REAL(fchdir)(folder) != 0) {
            die("cannot return to the folder that the program was started in");
        }
    }
    if (has_set_locale) {
        has_set_locale = false;
        WEAVE_REAL(setlocale)(LC_ALL, locale_name);
    }
    if (has_set_umask) {
        has_set_umask = false;
        WEAVE_REAL(umask)(first_umask);
    }
}

}  // namespace weave

extern "C" {

using weave::active;

int chdir(const char* path) noexcept {
    weave::has_left_folder |= active != nullptr;
    return WEAVE_REAL(chdir)(path);
}

int fchdir(int descriptor) noexcept {
    weave::has_left_folder |= active != nullptr;
    return WEAVE_REAL(fchdir)(descriptor);
}

char* setlocale(int category, const char* name) noexcept {
    weave::has_set_locale |= active != nullptr && name != nullptr;
    return WEAVE_REAL(setlocale)(category, name);
}

mode_t umask(mode_t mask) noexcept {
    const mode_t before = WEAVE_REAL(umask)(mask);
    if (active != nullptr && !weave::has_set_umask) {
        weave::has_set_umask = true;
        weave::first_umask = before;
    }
    return before;
}
}
