// The function of the system that an entry point of the same name replaces.
#pragma once

#include <dlfcn.h>

#include "run/base.h"

namespace weave {

/// The next definition of a function after weave's own. Used by WEAVE_REAL.
template <auto* Ours>
auto* real_function(const char* name) {
    auto* const found = reinterpret_cast<decltype(Ours)>(dlsym(RTLD_NEXT, name));
    if (found == nullptr) {
        die(name);
    }
    return found;
}

}  // namespace weave

/// The system's function of that name: `WEAVE_REAL(abort)()` calls it. It is looked up once in the
/// life of the process.
#define WEAVE_REAL(NAME)                                  \
    ([] {                                                 \
        WEAVE_KEPT static decltype(&NAME) real = nullptr; \
        if (real == nullptr) {                            \
            real = weave::real_function<&NAME>(#NAME);    \
        }                                                 \
        return real;                                      \
    }())
