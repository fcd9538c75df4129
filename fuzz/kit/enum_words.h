// The words of an enum: one table, which the compiler checks.
//
// An enum that code switches over needs none: a switch without a default is checked as well.
#pragma once

#include <array>
#include <cstddef>

namespace fuzz {

template <class Enum>
struct EnumWord {
    Enum value;
    const char* word;
};

/// A word for each enumerator; the last enumerator of `Enum` is `count`. A table that lacks one,
/// repeats one or has another order does not compile.
template <class Enum>
class EnumWords {
  public:
    static constexpr size_t size = static_cast<size_t>(Enum::count);

    // NOLINTNEXTLINE(google-explicit-constructor): a table in braces is what callers write.
    consteval EnumWords(const EnumWord<Enum> (&table)[size]) {
        for (size_t i = 0; i < size; ++i) {
            if (table[i].word == nullptr || static_cast<size_t>(table[i].value) != i) {
                throw "the table does not have one word for each enumerator, in their order";
            }
            words_[i] = table[i].word;
        }
    }

    constexpr const char* operator[](Enum value) const {
        return words_[static_cast<size_t>(value)];
    }

  private:
    std::array<const char*, size> words_{};
};

}  // namespace fuzz
