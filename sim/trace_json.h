// The trace event format that the trace viewers of Chrome and Perfetto open: a JSON object with a
// list of events, one on a line here.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "sim/json.h"

namespace pto::sim {

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

/// Writes a trace, event by event.
class TraceWriter {
  public:
    explicit TraceWriter(std::ostream& out) : out_(out) {
        out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
    }

    void name_process(uint32_t process, std::string_view name) {
        metadata("process_name", {process, 0}, JsonObject().add("name", name));
        metadata("process_sort_index", {process, 0}, JsonObject().add("sort_index", process));
    }

    void name_track(TracePlace place, std::string_view name) {
        metadata("thread_name", place, JsonObject().add("name", name));
        metadata("thread_sort_index", place, JsonObject().add("sort_index", place.track));
    }

    void complete(std::string_view name, TracePlace place, uint64_t start_ns, uint64_t duration_ns,
                  const JsonObject& args) {
        write(event(name, "X", place)
                  .add_json("ts", json_microseconds(start_ns))
                  .add_json("dur", json_microseconds(duration_ns))
                  .add_json("args", args.str()));
    }

    void counter(std::string_view name, uint32_t process, uint64_t time_ns, int64_t value) {
        write(event(name, "C", {process, 0})
                  .add_json("ts", json_microseconds(time_ns))
                  .add_json("args", JsonObject().add("value", value).str()));
    }

    /// A moment of the whole trace.
    void instant(std::string_view name, uint64_t time_ns) {
        write(event(name, "i", {0, 0}).add("s", "g").add_json("ts", json_microseconds(time_ns)));
    }

    void finish() { out_ << "\n]}\n"; }

  private:
    void metadata(std::string_view name, TracePlace place, const JsonObject& args) {
        write(event(name, "M", place).add_json("args", args.str()));
    }

    static JsonObject event(std::string_view name, std::string_view phase, TracePlace place) {
        return JsonObject()
            .add("name", name)
            .add("ph", phase)
            .add("pid", place.process)
            .add("tid", place.track);
    }

    void write(const JsonObject& event) {
        out_ << (is_first_ ? "\n" : ",\n") << event.str();
        is_first_ = false;
    }

    std::ostream& out_;
    bool is_first_ = true;
};

}  // namespace pto::sim
