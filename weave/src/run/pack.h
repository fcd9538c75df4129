// Values as bytes, for what another process of the same program continues with: see run/part.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace weave {

class Packer {
  public:
    /// Adds a value. Padding goes with it.
    template <class T>
    void put(const T& value) {
        put_array(&value, 1);
    }
    /// Adds `count` values, without their number.
    template <class T>
    void put_array(const T* values, size_t count) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes_.append(reinterpret_cast<const char*>(values), count * sizeof(T));
    }
    void put_text(const std::string& text) {
        put(uint64_t{text.size()});
        put_array(text.data(), text.size());
    }
    void put_choices(const std::vector<uint8_t>& choices) {
        put(uint64_t{choices.size()});
        put_array(choices.data(), choices.size());
    }

    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

/// Takes what a Packer has put, in the same order. Throws std::runtime_error if the bytes end
/// before.
class Unpacker {
  public:
    /// The bytes have to outlive it.
    explicit Unpacker(const std::string& bytes)
        : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    template <class T>
    T take() {
        T value;
        take_array(&value, 1);
        return value;
    }
    template <class T>
    void take_array(T* values, size_t count) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (count > static_cast<size_t>(end_ - next_) / sizeof(T)) {
            throw std::runtime_error("too few bytes");
        }
        if (count == 0) {
            return;  // `values` may be null
        }
        std::memcpy(static_cast<void*>(values), next_, count * sizeof(T));
        next_ += count * sizeof(T);
    }
    std::string take_text() {
        std::string text(take_count(), '\0');
        take_array(text.data(), text.size());
        return text;
    }
    std::vector<uint8_t> take_choices() {
        std::vector<uint8_t> choices(take_count());
        take_array(choices.data(), choices.size());
        return choices;
    }
    /// A number of bytes or larger things that follow.
    size_t take_count() {
        const auto count = take<uint64_t>();
        if (count > static_cast<size_t>(end_ - next_)) {
            throw std::runtime_error("too few bytes");
        }
        return static_cast<size_t>(count);
    }

  private:
    const char* next_;
    const char* const end_;
};

}  // namespace weave
