// Schedules are written and read here, and nowhere else.
#include "report/schedule.h"

#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <sstream>

#include "run/execution.h"

namespace weave {

std::string schedule_text(const Settings& settings, const uint8_t* choices, size_t count,
                          uint64_t program) {
    while (count != 0 && choices[count - 1] == 0) {
        --count;
    }
    std::ostringstream out;
    char name[20];
    std::snprintf(name, sizeof name, "%016" PRIx64, program);
    out << "weave-schedule 2\n"
        << "program=" << name << "\nmemory=" << (settings.memory == Memory::sc ? "sc" : "c20")
        << " spurious=" << settings.spurious_wakeups << " reuse=" << settings.reuses_memory
        << " plain=" << settings.plain_choice_points << " status=" << settings.status_is_finding
        << " races=" << settings.finds_races << " start=" << settings.stops_at_start
        << " turns=" << settings.all_turns << " graphs=" << settings.as_in_graphs;
    if (settings.held_step != Settings::nothing_held) {
        out << (settings.held_is_atomic ? " hold-atomic=" : " hold=") << settings.held_thread << '@'
            << settings.held_step;
    }
    out << '\n';
    for (size_t i = 0, words = 0; i < count; ++words) {
        size_t end = i;
        while (end < count && choices[end] == choices[i]) {
            ++end;
        }
        out << unsigned{choices[i]};
        if (end - i > 1) {
            out << '*' << end - i;
        }
        out << (end == count || words % 20 == 19 ? '\n' : ' ');
        i = end;
    }
    return out.str();
}

bool is_schedule(const std::string& text) { return text.rfind("weave-schedule ", 0) == 0; }

namespace {

/// A number that is all of the text from `begin` to `end`.
bool parse_number(const char* begin, const char* end, uint64_t& number) {
    const auto [stopped, error] = std::from_chars(begin, end, number);
    return begin != end && stopped == end && error == std::errc();
}

/// THREAD@STEP
bool parse_hold(const std::string& text, Settings& settings) {
    const size_t at = text.find('@');
    uint64_t thread = 0;
    if (at == std::string::npos || !parse_number(text.data(), text.data() + at, thread) ||
        !parse_number(text.data() + at + 1, text.data() + text.size(), settings.held_step) ||
        thread >= threads_max) {
        return false;
    }
    settings.held_thread = static_cast<unsigned>(thread);
    return true;
}

/// A choice, or CHOICE*TIMES.
bool parse_choices(const std::string& text, std::vector<uint8_t>& choices) {
    const size_t star = std::min(text.find('*'), text.size());
    const char* const end = text.data() + text.size();
    uint64_t choice = 0;
    uint64_t times = 1;
    if (!parse_number(text.data(), text.data() + star, choice) ||
        (star != text.size() && !parse_number(text.data() + star + 1, end, times)) ||
        choice > 255 || times > Execution::choices_max - choices.size()) {
        return false;
    }
    choices.insert(choices.end(), times, static_cast<uint8_t>(choice));
    return true;
}

bool parse_program(const std::string& text, uint64_t& program) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), program, 16);
    return error == std::errc{} && end == text.data() + text.size();
}

bool* switch_of(Settings& settings, const std::string& name) {
    return name == "spurious" ? &settings.spurious_wakeups
           : name == "reuse"  ? &settings.reuses_memory
           : name == "plain"  ? &settings.plain_choice_points
           : name == "status" ? &settings.status_is_finding
           : name == "races"  ? &settings.finds_races
           : name == "start"  ? &settings.stops_at_start
           : name == "turns"  ? &settings.all_turns
           : name == "graphs" ? &settings.as_in_graphs
                              : nullptr;
}

}  // namespace

bool parse_schedule(const std::string& text, Settings& settings, std::vector<uint8_t>& choices,
                    uint64_t& program) {
    program = 0;
    std::istringstream in(text);
    std::string word;
    std::string version;
    if (!(in >> word >> version) || word != "weave-schedule" || version != "2") {
        return false;
    }
    while (in >> word) {
        const size_t equals = word.find('=');
        if (equals != std::string::npos) {
            const std::string name = word.substr(0, equals);
            const std::string value = word.substr(equals + 1);
            if (name == "memory" && (value == "sc" || value == "c20")) {
                settings.memory = value == "sc" ? Memory::sc : Memory::c20;
            } else if (bool* const option = switch_of(settings, name);
                       option != nullptr && (value == "0" || value == "1")) {
                *option = value == "1";
            } else if (name == "program" && parse_program(value, program)) {
                continue;
            } else if ((name == "hold" || name == "hold-atomic") && parse_hold(value, settings)) {
                settings.held_is_atomic = name == "hold-atomic";
            } else {
                return false;
            }
            continue;
        }
        if (!parse_choices(word, choices)) {
            return false;
        }
    }
    return true;
}

}  // namespace weave
