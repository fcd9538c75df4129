// Names are those of functions and files, with all functions that the compiler has inlined.
#include "report/suppressions.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "run/image.h"

namespace weave {

namespace {

constexpr const char* types[] = {"race",  "race_top", "leak",   "deadlock",
                                 "mutex", "thread",   "signal", "called_from_lib"};

void add_names(std::vector<std::string>& names, const std::vector<Place>& frames) {
    for (const Place& frame : frames) {
        names.push_back(frame.function);
        names.push_back(frame.file);
    }
}

/// Does the text begin with the parts of a pattern in their order, with anything between them?
bool matches_parts(const std::string& pattern, const std::string& text, bool at_start,
                   bool at_end) {
    size_t at = 0;
    bool is_fixed = at_start;
    for (size_t begin = 0; begin <= pattern.size();) {
        const size_t end = std::min(pattern.find('*', begin), pattern.size());
        const std::string part = pattern.substr(begin, end - begin);
        const bool is_last = end == pattern.size();
        const size_t found = is_last && at_end && !is_fixed && text.size() >= at + part.size()
                                 ? text.size() - part.size()
                                 : text.find(part, at);
        if (found == std::string::npos || (is_fixed && found != at) ||
            text.compare(found, part.size(), part) != 0 ||
            (is_last && at_end && found + part.size() != text.size())) {
            return false;
        }
        at = found + part.size();
        is_fixed = false;
        begin = end + 1;
    }
    return true;
}

}  // namespace

bool matches(const std::string& pattern, const std::string& text) {
    const bool at_start = pattern.starts_with('^');
    const bool at_end = pattern.size() > (at_start ? 1 : 0) && pattern.ends_with('$');
    const size_t begin = at_start ? 1 : 0;
    const size_t size = pattern.size() - begin - (at_end ? 1 : 0);
    return matches_parts(pattern.substr(begin, size), text, at_start, at_end);
}

Suppressions::Suppressions(const std::string& text) {
    if (text.empty()) {
        return;  // A fuzzer makes a search of each input, and a stream costs more than the rest of
                 // it.
    }
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        line.erase(0, line.find_first_not_of(" \t"));
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (line.empty() || line[0] == '#') {
            continue;
        }
        const size_t colon = line.find(':');
        const std::string type = line.substr(0, colon);
        if (colon == std::string::npos ||
            std::find(std::begin(types), std::end(types), type) == std::end(types)) {
            throw std::invalid_argument(line);
        }
        rules_.push_back({type, line.substr(colon + 1)});
    }
}

bool Suppressions::match_names(const char* type, const std::vector<std::string>& names) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        return rule.type == type &&
               std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return matches(rule.pattern, name); });
    });
}

bool Suppressions::match(const Facts& facts) const {
    std::vector<uint32_t> pcs{facts.pc};
    pcs.insert(pcs.end(), facts.stack.pcs, facts.stack.pcs + facts.stack.count);
    for (unsigned i = 0; i < facts.access_count; ++i) {
        pcs.push_back(facts.accesses[i].pc);
    }
    const Frames frames = find_frames(pcs);
    std::vector<std::string> all;
    std::vector<std::string> top;
    for (const auto& [pc, of_pc] : frames) {
        add_names(all, of_pc);
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        const auto found = frames.find(facts.accesses[i].pc);
        if (found != frames.end() && !found->second.empty()) {
            add_names(top, {found->second.front()});
        }
    }
    switch (facts.verdict) {
        case Verdict::data_race:
            for (const Region& region : writable_image()) {
                if (region.begin <= facts.address && facts.address < region.end) {
                    all.push_back(symbol_at(facts.address - image_base()));
                }
            }
            return match_names("race", all) || match_names("race_top", top);
        case Verdict::leak:
            return match_names("leak", all);
        default:
            return false;
    }
}

}  // namespace weave
