// JSON text, built member by member: traces, benchmarks and stress jobs write theirs with it.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace pto::sim {

/// A text as a JSON string, quotes included. Bytes that are not visible ASCII are escaped, so that
/// any text gives valid JSON.
inline std::string json_string(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string escaped = "\"";
    for (const char letter : text) {
        const unsigned char byte = static_cast<unsigned char>(letter);
        if (byte == '"' || byte == '\\') {
            escaped += '\\';
            escaped += letter;
        } else if (byte >= ' ' && byte <= '~') {
            escaped += letter;
        } else {
            escaped += "\\u00";
            escaped += digits[byte >> 4];
            escaped += digits[byte & 15];
        }
    }
    return escaped + '"';
}

/// A finite number as JSON, short and exact.
inline std::string json_number(double value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

/// A JSON array of values that are JSON already.
class JsonArray {
  public:
    JsonArray& add(std::string_view json) {
        body_.append(body_.empty() ? "" : ",").append(json);
        return *this;
    }
    std::string str() const { return "[" + body_ + "]"; }

  private:
    std::string body_;
};

/// A JSON object whose members keep the order in which they were added. Names are not checked for
/// repetition.
class JsonObject {
  public:
    /// Adds a member whose value is JSON already.
    JsonObject& add_json(std::string_view name, std::string_view json) {
        body_.append(body_.empty() ? "" : ",").append(json_string(name)).append(":").append(json);
        return *this;
    }
    JsonObject& add(std::string_view name, std::string_view text) {
        return add_json(name, json_string(text));
    }
    JsonObject& add(std::string_view name, const char* text) {
        return add(name, std::string_view(text));
    }
    JsonObject& add(std::string_view name, double value) {
        return add_json(name, json_number(value));
    }
    JsonObject& add(std::string_view name, std::integral auto value) {
        return add_json(name, std::to_string(value));
    }
    JsonObject& add(std::string_view name, bool value) {
        return add_json(name, value ? "true" : "false");
    }

    /// The members, without the braces.
    const std::string& members() const { return body_; }
    std::string str() const { return "{" + body_ + "}"; }

  private:
    std::string body_;
};

}  // namespace pto::sim
