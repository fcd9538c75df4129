// The system's function that one of ours stands in front of.
#pragma once

#include <dlfcn.h>

#include "run/base.h"

namespace weave {

/// `static auto* const f = real_function<&name>("name");`
template <auto* Ours>
auto* real_function(const char* name) {
    auto* const found = reinterpret_cast<decltype(Ours)>(dlsym(RTLD_NEXT, name));
    if (found == nullptr) {
        die(name);
    }
    return found;
}

}  // namespace weave

/// Calls the system's function of that name.
#define WEAVE_REAL(NAME)                                              \
    ([] {                                                             \
        static auto* const real = weave::real_function<&NAME>(#NAME); \
        return real;                                                  \
    }())
