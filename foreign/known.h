// The differences that the owner of a tree may tolerate. commands/kit/subject.py has a sentence for
// each, and refuses other words.
#pragma once

#include <string_view>

#include "foreign/under_test.h"

namespace foreign {

/// Does the owner tolerate the difference that the word names?
inline bool tolerates(std::string_view word) {
    std::string_view rest = tree().known;
    while (!rest.empty()) {
        const std::string_view first = rest.substr(0, rest.find(','));
        if (first == word) {
            return true;
        }
        rest.remove_prefix(first.size() == rest.size() ? first.size() : first.size() + 1);
    }
    return false;
}

}  // namespace foreign
