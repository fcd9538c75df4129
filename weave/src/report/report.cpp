#include "report/report.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "model/sync.h"
#include "run/image.h"
#include "run/stacks.h"

namespace weave {

namespace {

// ----- places in the source ----------------------------------------------------------------------

struct Place {
    std::string function = "?";
    std::string file = "?";
    unsigned line = 0;
};

std::string text_of(const Place& place) {
    if (place.line == 0) {
        return place.function;
    }
    return place.file + ":" + std::to_string(place.line);
}

std::string short_text_of(const Place& place) {
    const size_t slash = place.file.rfind('/');
    const std::string file = slash == std::string::npos ? place.file : place.file.substr(slash + 1);
    return place.line == 0 ? place.function : file + ":" + std::to_string(place.line);
}

std::string path_of_executable() {
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    return length < 0 ? "" : std::string(path, static_cast<size_t>(length));
}

const char* tool() {
    // All three read the same arguments and print the same lines.
    static constexpr const char* tools[] = {"llvm-addr2line-19", "llvm-addr2line", "addr2line"};
    for (const char* name : tools) {
        if (std::system((std::string("command -v ") + name + " > /dev/null 2>&1").c_str()) == 0) {
            return name;
        }
    }
    return nullptr;
}

bool is_of_the_system(const std::string& file) {
    return file.rfind("/usr/", 0) == 0 || file.find("/../include/c++/") != std::string::npos ||
           file.find("weave_atomics.h") != std::string::npos || file == "??";
}

/// The folder of weave's sources, which this file is in, as the compiler was given it. A relative
/// path starts after its "..".
std::string source_folder() {
    std::filesystem::path folder;
    for (const auto& part : std::filesystem::path(__FILE__).lexically_normal()) {
        if (part != "..") {
            folder /= part;
        }
    }
    return folder.parent_path().parent_path().string() + '/';
}

bool is_of_weave(const std::string& file) {
    static const std::string sources = source_folder();
    const std::string path = std::filesystem::path(file).lexically_normal().string();
    return sources.front() == '/' ? path.rfind(sources, 0) == 0
                                  : path.find('/' + sources) != std::string::npos;
}

/// Reads what the tool says of one address: function and place, innermost first. What a person
/// wants to see is the first place outside of the standard library.
Place read_frames(const std::vector<std::string>& lines) {
    Place best;
    for (size_t i = 0; i + 1 < lines.size(); i += 2) {
        Place place;
        place.function = lines[i];
        const size_t colon = lines[i + 1].rfind(':');
        place.file = lines[i + 1].substr(0, colon);
        place.line = colon == std::string::npos
                         ? 0
                         : static_cast<unsigned>(
                               std::strtoul(lines[i + 1].c_str() + colon + 1, nullptr, 10));
        if (best.line == 0 || (is_of_the_system(best.file) && !is_of_the_system(place.file))) {
            best = place;
        }
    }
    return best;
}

/// Places for all addresses with one call of the tool.
std::map<uint32_t, Place> find_places(const std::vector<uint32_t>& pcs) {
    std::map<uint32_t, Place> places;
    const char* const name = tool();
    if (name == nullptr || pcs.empty()) {
        return places;
    }
    std::ostringstream command;
    command << name << " -a -f -C -i -e '" << path_of_executable() << "'" << std::hex;
    for (const uint32_t pc : pcs) {
        command << " 0x" << pc;
    }
    command << " 2> /dev/null";
    FILE* const output = popen(command.str().c_str(), "r");
    if (output == nullptr) {
        return places;
    }
    char line[4096];
    uint32_t pc = 0;
    std::vector<std::string> lines;
    while (std::fgets(line, sizeof line, output) != nullptr) {
        line[std::strcspn(line, "\n")] = '\0';
        if (std::strncmp(line, "0x", 2) == 0) {
            places[pc] = read_frames(lines);
            lines.clear();
            pc = static_cast<uint32_t>(std::strtoul(line, nullptr, 16));
        } else {
            lines.emplace_back(line);
        }
    }
    places[pc] = read_frames(lines);
    pclose(output);
    return places;
}

/// The name of a global object, and the offset in it.
std::string symbol_at(uintptr_t address) {
    std::ostringstream command;
    command << "llvm-symbolizer-19 --obj='" << path_of_executable() << "' 'DATA 0x" << std::hex
            << address << "' 2> /dev/null";
    FILE* const output = popen(command.str().c_str(), "r");
    char name[1024] = "";
    char extent[128] = "";
    if (output != nullptr) {
        if (std::fgets(name, sizeof name, output) == nullptr ||
            std::fgets(extent, sizeof extent, output) == nullptr) {
            name[0] = extent[0] = '\0';
        }
        pclose(output);
    }
    name[std::strcspn(name, "\n")] = '\0';
    if (name[0] == '\0' || name[0] == '?') {
        return "at " + std::to_string(address) + " of the program's image";
    }
    const uintptr_t offset = address - std::strtoull(extent, nullptr, 10);
    return offset == 0 ? name : std::string(name) + ", " + std::to_string(offset) + " bytes in";
}

// ----- the timeline ------------------------------------------------------------------------------

const char* name_of_order(uint8_t order) {
    static constexpr const char* names[] = {"relaxed", "consume", "acquire",
                                            "release", "acq_rel", "seq_cst"};
    return order < std::size(names) ? names[order] : "?";
}

std::string value_text(uint64_t value) {
    std::ostringstream text;
    if (value > 0xffff'ffff) {
        text << "0x" << std::hex << value;
    } else {
        text << value;
    }
    return text.str();
}

std::string source_of(const Event& event) {
    const std::string text =
        event.read_step == 0 ? " (initial value" : " (of step " + std::to_string(event.read_step);
    return text + (event.is_stale ? ", stale)" : ")");
}

std::string event_text(const Event& event) {
    const std::string object = "a" + std::to_string(event.object);
    const std::string lock = "m" + std::to_string(event.object);
    switch (event.kind) {
        case Event::Kind::load:
            return object + " -> " + value_text(event.value) + source_of(event) + " " +
                   name_of_order(event.order);
        case Event::Kind::store:
            return object + " := " + value_text(event.value) + " " + name_of_order(event.order);
        case Event::Kind::rmw:
            return object + " " + value_text(event.old_value) + " -> " + value_text(event.value) +
                   " rmw " + name_of_order(event.order);
        case Event::Kind::exchange_failed:
            return object + " -> " + value_text(event.value) + source_of(event) +
                   " exchange failed";
        case Event::Kind::fence:
            return std::string("fence ") + name_of_order(event.order);
        case Event::Kind::end:
            return "end";
        case Event::Kind::join:
            return "join thread " + std::to_string(event.object);
        case Event::Kind::lock:
            return "lock " + lock;
        case Event::Kind::try_lock_failed:
            return "lock " + lock + " failed";
        case Event::Kind::unlock:
            return "unlock " + lock;
        case Event::Kind::wait:
            return "wait " + lock;
        case Event::Kind::woken:
            return "woken " + lock;
        case Event::Kind::notify:
            return "notify " + lock;
        case Event::Kind::create:
            return "create thread " + std::to_string(event.object);
        case Event::Kind::allocate:
            return "allocate b" + std::to_string(event.object) + ", " + value_text(event.value) +
                   " bytes";
        case Event::Kind::free:
            return "free b" + std::to_string(event.object);
        case Event::Kind::yield:
            return "yield";
    }
    return "?";
}

// A report is for one screen; of a long execution the end is what matters.
constexpr size_t timeline_rows_max = 60;

size_t first_row(const Execution& execution) {
    const size_t rows = execution.timeline.events().size();
    return rows > timeline_rows_max ? rows - timeline_rows_max : 0;
}

void write_timeline(std::ostream& out, const Execution& execution,
                    const std::map<uint32_t, Place>& places) {
    const auto& events = execution.timeline.events();
    const unsigned threads = execution.threads.count();
    WEAVE_CHECK(1 <= threads && threads <= threads_max, threads);
    const size_t width = std::clamp<size_t>(140 / threads, 24, 44);
    const size_t first = first_row(execution);
    out << "timeline" << (first == 0 ? "" : " (its end)") << ":\n  step ";
    for (unsigned i = 0; i < threads; ++i) {
        std::string title = "thread " + std::to_string(i);
        title.resize(width, ' ');
        out << "| " << title;
    }
    out << "|\n";
    for (size_t i = first; i < events.size(); ++i) {
        const Event& event = events[i];
        char number[16];
        std::snprintf(number, sizeof number, "%6u ", event.step);
        out << number;
        for (unsigned thread = 0; thread < threads; ++thread) {
            std::string text = thread == event.thread ? event_text(event) : "";
            text.resize(std::max(width, text.size()), ' ');
            out << "| " << text;
        }
        const auto place = places.find(event.pc);
        out << "| " << (place == places.end() || event.pc == 0 ? "" : short_text_of(place->second))
            << '\n';
    }
}

// ----- the finding -------------------------------------------------------------------------------

std::string place_text(const std::map<uint32_t, Place>& places, uint32_t pc) {
    const auto place = places.find(pc);
    return place == places.end() ? "?" : text_of(place->second) + " in " + place->second.function;
}

void write_access(std::ostream& out, const AccessFact& access,
                  const std::map<uint32_t, Place>& places) {
    out << "  thread " << unsigned{access.thread} << ": "
        << (access.is_free ? "free"
                           : std::string(access.is_atomic ? "atomic " : "plain ") +
                                 (access.is_write ? "write" : "read"))
        << " at step " << access.step << ", " << place_text(places, access.pc) << '\n';
}

void write_object(std::ostream& out, Execution& execution, const Facts& facts,
                  const std::map<uint32_t, Place>& places) {
    if (facts.address == 0) {
        return;
    }
    out << "  object: ";
    const Block* const block =
        execution.heap.is_used(facts.address) ? execution.heap.around(facts.address) : nullptr;
    if (block != nullptr) {
        out << "offset " << facts.address - block->base << " of heap block b" << block->number
            << " (" << block->size << " bytes), allocated by thread "
            << unsigned{block->allocated_by} << " at " << place_text(places, block->allocated_pc)
            << '\n';
        return;
    }
    for (const Region& region : writable_image()) {
        if (region.begin <= facts.address && facts.address < region.end) {
            out << "global or static " << symbol_at(facts.address - image_base()) << '\n';
            return;
        }
    }
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const auto stack = reinterpret_cast<uintptr_t>(execution.threads[i].stack);
        if (stack <= facts.address && facts.address < stack + stack_bytes) {
            out << "on the stack of thread " << i << '\n';
            return;
        }
    }
    out << "memory that is not the program's\n";
}

/// Who waits for what, and who has it.
void write_waiters(std::ostream& out, const Execution& execution,
                   const std::map<uint32_t, Place>& places) {
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Thread& thread = execution.threads[i];
        if (thread.is_finished) {
            continue;
        }
        out << "  thread " << i;
        const SyncObject* const object = thread.waits_for;
        if (thread.waiting == Waiting::nothing) {
            out << " repeats itself";
        } else if (thread.waiting == Waiting::join) {
            out << " waits for thread " << unsigned{thread.joins};
        } else if (object != nullptr) {
            out << " waits for m" << object->number;
        }
        if (thread.waits_pc != 0) {
            out << " at " << place_text(places, thread.waits_pc);
        }
        if (object != nullptr && object->owner != SyncObject::nobody) {
            out << "; thread " << unsigned{object->owner} << " holds it since "
                << place_text(places, object->taken_pc);
        }
        out << '\n';
    }
}

/// The calls that the finding is in, but for those of the system and of weave.
void write_stack(std::ostream& out, const Facts& facts, const std::map<uint32_t, Place>& places) {
    constexpr unsigned frames_shown_max = 10;
    unsigned shown = 0;
    for (unsigned i = 0; i < facts.frame_count && shown < frames_shown_max; ++i) {
        const auto place = places.find(facts.frames[i]);
        if (place == places.end() || place->second.line == 0 ||
            is_of_the_system(place->second.file) || is_of_weave(place->second.file)) {
            continue;
        }
        out << (shown++ == 0 ? "  stack:\n" : "") << "    " << text_of(place->second) << " in "
            << place->second.function << '\n';
    }
}

const char* advice_for(Verdict verdict) {
    switch (verdict) {
        case Verdict::data_race:
            return "  missing: a release by the first thread after its access, and an acquire of "
                   "it by the second before its own\n";
        case Verdict::ok:
        case Verdict::assertion:
        case Verdict::crash:
        case Verdict::deadlock:
        case Verdict::livelock:
        case Verdict::use_after_free:
        case Verdict::double_free:
        case Verdict::leak:
        case Verdict::out_of_bounds:
        case Verdict::uninitialized:
        case Verdict::limit:
        case Verdict::unsupported:
            return "";
    }
    return "";
}

}  // namespace

std::string report_text(Execution& execution) {
    const Facts& facts = execution.facts();
    std::vector<uint32_t> pcs{facts.pc};
    pcs.insert(pcs.end(), facts.frames, facts.frames + facts.frame_count);
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Thread& thread = execution.threads[i];
        pcs.push_back(thread.waits_pc);
        if (thread.waits_for != nullptr) {
            pcs.push_back(thread.waits_for->taken_pc);
        }
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        pcs.push_back(facts.accesses[i].pc);
    }
    const auto& events = execution.timeline.events();
    const size_t first = first_row(execution);
    for (size_t i = first; i < events.size(); ++i) {
        pcs.push_back(events[i].pc);
    }
    if (const Block* const block =
            execution.heap.is_used(facts.address) ? execution.heap.around(facts.address) : nullptr;
        block != nullptr) {
        pcs.push_back(block->allocated_pc);
    }
    std::sort(pcs.begin(), pcs.end());
    pcs.erase(std::unique(pcs.begin(), pcs.end()), pcs.end());
    const std::map<uint32_t, Place> places = find_places(pcs);

    std::ostringstream out;
    out << "weave: FINDING " << name_of(facts.verdict) << ": " << facts.what << '\n';
    if (facts.verdict == Verdict::deadlock || facts.verdict == Verdict::livelock) {
        write_waiters(out, execution, places);
    } else if (facts.access_count == 0) {
        out << "  thread " << unsigned{facts.thread} << " at step " << facts.step
            << (facts.pc == 0 ? "" : ", " + place_text(places, facts.pc)) << '\n';
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        write_access(out, facts.accesses[i], places);
    }
    write_stack(out, facts, places);
    write_object(out, execution, facts, places);
    out << advice_for(facts.verdict);
    write_timeline(out, execution, places);
    return out.str();
}

std::string schedule_text(const Settings& settings, const uint8_t* choices, size_t count) {
    while (count != 0 && choices[count - 1] == 0) {
        --count;
    }
    std::ostringstream out;
    out << "weave-schedule 1\n"
        << "memory=" << (settings.memory == Memory::sc ? "sc" : "c20")
        << " spurious=" << settings.spurious_wakeups << " reuse=" << settings.reuses_memory
        << " plain=" << settings.plain_choice_points;
    if (settings.held_step != Settings::nothing_held) {
        out << " hold=" << settings.held_thread << '@' << settings.held_step;
    }
    out << '\n';
    // Numbers; n*k stands for k times n.
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

}  // namespace

bool parse_schedule(const std::string& text, Settings& settings, std::vector<uint8_t>& choices) {
    std::istringstream in(text);
    std::string word;
    std::string version;
    if (!(in >> word >> version) || word != "weave-schedule" || version != "1") {
        return false;
    }
    while (in >> word) {
        const size_t equals = word.find('=');
        if (equals != std::string::npos) {
            const std::string name = word.substr(0, equals);
            const std::string value = word.substr(equals + 1);
            if (name == "memory" && (value == "sc" || value == "c20")) {
                settings.memory = value == "sc" ? Memory::sc : Memory::c20;
            } else if ((name == "spurious" || name == "reuse" || name == "plain") &&
                       (value == "0" || value == "1")) {
                (name == "spurious" ? settings.spurious_wakeups
                 : name == "reuse"  ? settings.reuses_memory
                                    : settings.plain_choice_points) = value == "1";
            } else if (name == "hold" && parse_hold(value, settings)) {
                continue;
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
