// Places in the source: from program counters and addresses to files, lines and names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weave {

struct Place {
    std::string function = "?";
    std::string file = "?";
    unsigned line = 0;  ///< 0: not known
};

/// The functions at a program counter: the one that the compiler has inlined deepest comes first.
using Frames = std::map<uint32_t, std::vector<Place>>;
using Places = std::map<uint32_t, Place>;

/// The functions of all program counters, with one call of a symbolizer. Empty if none is
/// installed.
Frames find_frames(const std::vector<uint32_t>& pcs);
/// The place to show of each program counter: the first one outside of the standard library.
Places places_of(const Frames& frames);

/// file:line, or the function if the line is not known.
std::string text_of(const Place& place);
/// The same without folders.
std::string short_text_of(const Place& place);
/// file:line and the function.
std::string place_text(const Places& places, uint32_t pc);

/// Is a file the compiler's, the C or C++ library's, or weave's header for programs?
bool is_of_the_system(const std::string& file);
/// Is it one of weave's sources?
bool is_of_weave(const std::string& file);

/// The names of the global objects at addresses of the program's image, and the offsets in them.
std::vector<std::string> symbols_at(const std::vector<uintptr_t>& addresses);
/// The name of the global object at an address of the program's image, and the offset in it.
std::string symbol_at(uintptr_t address);

}  // namespace weave
