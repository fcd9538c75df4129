// Descriptions of inputs without structure; see the header.
#include "fuzz/kit/fuzz_target.h"

#include <cstdio>

namespace fuzz {

std::string UnstructuredBytes::describe(Bytes input) {
    std::string text = std::to_string(input.size()) + " bytes:";
    for (const uint8_t byte : input) {
        char hex[4];
        std::snprintf(hex, sizeof hex, " %02x", byte);
        text += hex;
    }
    return text + "\n";
}

}  // namespace fuzz
