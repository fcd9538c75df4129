// One process of addr2line for all program counters of a report, and llvm-symbolizer for objects.
#include "report/places.h"

#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace weave {

namespace {

std::string path_of_executable() {
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    return length < 0 ? "" : std::string(path, static_cast<size_t>(length));
}

/// The first addr2line that is installed, or null.
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

/// Reads the tool's lines for one address: function and place, innermost first.
std::vector<Place> read_frames(const std::vector<std::string>& lines) {
    std::vector<Place> frames;
    for (size_t i = 0; i + 1 < lines.size(); i += 2) {
        Place place;
        place.function = lines[i];
        const size_t colon = lines[i + 1].rfind(':');
        place.file = lines[i + 1].substr(0, colon);
        place.line = colon == std::string::npos
                         ? 0
                         : static_cast<unsigned>(
                               std::strtoul(lines[i + 1].c_str() + colon + 1, nullptr, 10));
        frames.push_back(place);
    }
    return frames;
}

/// The frame that a report shows: the first one outside of the standard library.
Place best_of(const std::vector<Place>& frames) {
    Place best;
    for (const Place& frame : frames) {
        if (best.line == 0 || (is_of_the_system(best.file) && !is_of_the_system(frame.file))) {
            best = frame;
        }
    }
    return best;
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

/// A symbolizer's lines for an address of data, as a report shows them.
std::string symbol_text(const std::vector<std::string>& lines, uintptr_t address) {
    if (lines.size() < 2 || lines[0][0] == '?') {
        return "at " + std::to_string(address) + " of the program's image";
    }
    const uintptr_t offset = address - std::strtoull(lines[1].c_str(), nullptr, 10);
    return offset == 0 ? lines[0] : lines[0] + ", " + std::to_string(offset) + " bytes in";
}

}  // namespace

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

std::string place_text(const Places& places, uint32_t pc) {
    const auto place = places.find(pc);
    return place == places.end() ? "?" : text_of(place->second) + " in " + place->second.function;
}

bool is_of_the_system(const std::string& file) {
    return file.rfind("/usr/", 0) == 0 || file.find("/../include/c++/") != std::string::npos ||
           file.find("weave_atomics.h") != std::string::npos || file == "??";
}

bool is_of_weave(const std::string& file) {
    static const std::string sources = source_folder();
    const std::string path = std::filesystem::path(file).lexically_normal().string();
    return sources.front() == '/' ? path.rfind(sources, 0) == 0
                                  : path.find('/' + sources) != std::string::npos;
}

Frames find_frames(const std::vector<uint32_t>& pcs) {
    Frames frames;
    const char* const name = tool();
    if (name == nullptr || pcs.empty()) {
        return frames;
    }
    std::ostringstream command;
    command << name << " -a -f -C -i -e '" << path_of_executable() << "'" << std::hex;
    for (const uint32_t pc : pcs) {
        command << " 0x" << pc;
    }
    command << " 2> /dev/null";
    FILE* const output = popen(command.str().c_str(), "r");
    if (output == nullptr) {
        return frames;
    }
    char line[4096];
    uint32_t pc = 0;
    std::vector<std::string> lines;
    while (std::fgets(line, sizeof line, output) != nullptr) {
        line[std::strcspn(line, "\n")] = '\0';
        if (std::strncmp(line, "0x", 2) == 0) {
            frames[pc] = read_frames(lines);
            lines.clear();
            pc = static_cast<uint32_t>(std::strtoul(line, nullptr, 16));
        } else {
            lines.emplace_back(line);
        }
    }
    frames[pc] = read_frames(lines);
    pclose(output);
    return frames;
}

Places places_of(const Frames& frames) {
    Places places;
    for (const auto& [pc, of_pc] : frames) {
        places[pc] = best_of(of_pc);
    }
    return places;
}

std::vector<std::string> symbols_at(const std::vector<uintptr_t>& addresses) {
    std::vector<std::string> symbols;
    std::ostringstream command;
    command << "llvm-symbolizer-19 --obj='" << path_of_executable() << "'" << std::hex;
    for (const uintptr_t address : addresses) {
        command << " 'DATA 0x" << address << "'";
    }
    command << " 2> /dev/null";
    FILE* const output = addresses.empty() ? nullptr : popen(command.str().c_str(), "r");
    char line[1024];
    std::vector<std::string> lines;
    while (output != nullptr && std::fgets(line, sizeof line, output) != nullptr) {
        line[std::strcspn(line, "\n")] = '\0';
        // An empty line ends each answer, which begins with the name and the extent.
        if (line[0] != '\0') {
            lines.emplace_back(line);
            continue;
        }
        if (symbols.size() < addresses.size()) {
            symbols.push_back(symbol_text(lines, addresses[symbols.size()]));
        }
        lines.clear();
    }
    if (output != nullptr) {
        pclose(output);
    }
    while (symbols.size() < addresses.size()) {
        symbols.push_back(symbol_text({}, addresses[symbols.size()]));
    }
    return symbols;
}

std::string symbol_at(uintptr_t address) { return symbols_at({address}).front(); }

}  // namespace weave
