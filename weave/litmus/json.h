// The results of litmus tests as JSON: {"tests": [{"name", "passed", "skipped", "executions",
// "problems"}, ...]}. Text of any length is kept whole.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace litmus {

/// A JSON string: control characters, quotes and backslashes are escaped.
inline std::string quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            quoted += escaped;
        } else {
            quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
        }
    }
    return quoted + '"';
}

/// The result of one test, as a row of the JSON.
struct Row {
    std::string name;
    bool is_skipped = false;
    uint64_t executions = 0;
    std::vector<std::string> problems;  ///< empty if it passed

    bool has_passed() const { return !is_skipped && problems.empty(); }
};

inline std::string row_json(const Row& row) {
    std::string problems;
    for (const std::string& problem : row.problems) {
        problems += (problems.empty() ? "" : ", ") + quoted(problem);
    }
    return "{\"name\": " + quoted(row.name) +
           ", \"passed\": " + (row.has_passed() ? "true" : "false") +
           ", \"skipped\": " + (row.is_skipped ? "true" : "false") +
           ", \"executions\": " + std::to_string(row.executions) + ", \"problems\": [" + problems +
           "]}";
}

inline std::string json_of(const std::vector<Row>& rows) {
    std::string all;
    for (const Row& row : rows) {
        all += (all.empty() ? "    " : ",\n    ") + row_json(row);
    }
    return "{\"tests\": [\n" + all + "\n]}\n";
}

}  // namespace litmus
