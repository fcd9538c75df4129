// The trace event format that the trace viewers of Chrome and Perfetto open: a JSON object with a
// list of events, one on a line here.
#pragma once

#include <cstdint>
#include <ostream>
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

/// Nanoseconds in the format's unit, microseconds.
inline std::string json_microseconds(uint64_t ns) {
    const std::string fraction = std::to_string(ns % 1000);
    return std::to_string(ns / 1000) + "." + std::string(3 - fraction.size(), '0') + fraction;
}

/// Where an event is shown: a track of a process.
struct TracePlace {
    uint32_t process;
    uint32_t track;
};

/// Writes a trace, event by event. `args` are the inside of a JSON object.
class TraceWriter {
  public:
    explicit TraceWriter(std::ostream& out) : out_(out) {
        out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
    }

    void name_process(uint32_t process, std::string_view name) {
        metadata("process_name", {process, 0}, "\"name\":" + json_string(name));
        metadata("process_sort_index", {process, 0}, "\"sort_index\":" + std::to_string(process));
    }

    void name_track(TracePlace place, std::string_view name) {
        metadata("thread_name", place, "\"name\":" + json_string(name));
        metadata("thread_sort_index", place, "\"sort_index\":" + std::to_string(place.track));
    }

    void complete(std::string_view name, TracePlace place, uint64_t start_ns, uint64_t duration_ns,
                  const std::string& args) {
        begin(name, "X", place);
        out_ << ",\"ts\":" << json_microseconds(start_ns)
             << ",\"dur\":" << json_microseconds(duration_ns) << ",\"args\":{" << args << "}}";
    }

    void counter(std::string_view name, uint32_t process, uint64_t time_ns, int64_t value) {
        begin(name, "C", {process, 0});
        out_ << ",\"ts\":" << json_microseconds(time_ns) << ",\"args\":{\"value\":" << value
             << "}}";
    }

    /// A moment of the whole trace.
    void instant(std::string_view name, uint64_t time_ns) {
        begin(name, "i", {0, 0});
        out_ << ",\"s\":\"g\",\"ts\":" << json_microseconds(time_ns) << "}";
    }

    void finish() { out_ << "\n]}\n"; }

  private:
    void metadata(std::string_view name, TracePlace place, const std::string& args) {
        begin(name, "M", place);
        out_ << ",\"args\":{" << args << "}}";
    }

    void begin(std::string_view name, std::string_view phase, TracePlace place) {
        out_ << (is_first_ ? "\n" : ",\n") << "{\"name\":" << json_string(name) << ",\"ph\":\""
             << phase << "\",\"pid\":" << place.process << ",\"tid\":" << place.track;
        is_first_ = false;
    }

    std::ostream& out_;
    bool is_first_ = true;
};

}  // namespace pto::sim
