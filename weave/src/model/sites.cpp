// The sites that were seen stand in a table of fixed size: nothing may be allocated while an
// execution runs.
#include "model/sites.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "model/order_names.h"
#include "report/places.h"
#include "run/base.h"
#include "run/check.h"

namespace weave {

WEAVE_KEPT bool sites_are_watched = false;

namespace {

constexpr const char* kinds[] = {"load", "store", "rmw", "compare-exchange", "failure", "fence"};

struct Site {
    uint32_t pc;  ///< 0: the place in the table is free
    SiteKind kind;
    bool is_weakened;
    std::memory_order asked;
    std::memory_order given;  ///< if weakened
};

// More than any program has; a power of two.
constexpr unsigned sites_max = 1u << 13;

WEAVE_KEPT Site sites[sites_max] = {};
WEAVE_KEPT unsigned site_count = 0;
WEAVE_KEPT bool has_begun = false;

Site& site_at(SiteKind kind, uint32_t pc) {
    unsigned index = (pc * 2654435761u + static_cast<unsigned>(kind)) % sites_max;
    while (sites[index].pc != 0 && (sites[index].pc != pc || sites[index].kind != kind)) {
        index = (index + 1) % sites_max;
    }
    Site& site = sites[index];
    if (site.pc == 0) {
        ++site_count;
        WEAVE_CHECK(site_count < sites_max, site_count);
        site.pc = pc;
        site.kind = kind;
        site.asked = std::memory_order_relaxed;
    }
    return site;
}

[[noreturn]] void refuse_site(std::string_view word) {
    std::fprintf(stderr,
                 "weave: WEAVE_WEAKEN: '%.*s' is not PC.KIND=ORDER, such as "
                 "4f21a.store=relaxed\n",
                 static_cast<int>(word.size()), word.data());
    constexpr int exit_usage = 2;
    std::_Exit(exit_usage);
}

/// The index of a word in a list of words, or the size of the list.
template <size_t size>
size_t index_of(std::string_view word, const char* const (&words)[size]) {
    size_t index = 0;
    while (index < size && words[index] != word) {
        ++index;
    }
    return index;
}

void weaken(std::string_view word) {
    const size_t dot = word.find('.');
    const size_t equals = word.find('=');
    if (dot == std::string_view::npos || equals == std::string_view::npos || equals < dot) {
        refuse_site(word);
    }
    uint32_t pc = 0;
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): with its length.
    const auto [end, error] = std::from_chars(word.data(), word.data() + dot, pc, 16);
    const size_t kind = index_of(word.substr(dot + 1, equals - dot - 1), kinds);
    const size_t order = index_of(word.substr(equals + 1), order_names);
    if (error != std::errc{} || end != word.data() + dot || pc == 0 || kind == std::size(kinds) ||
        order == std::size(order_names)) {
        refuse_site(word);
    }
    Site& site = site_at(static_cast<SiteKind>(kind), pc);
    site.is_weakened = true;
    site.given = static_cast<std::memory_order>(order);
}

/// Is the file one in which the C++ library, or weave, defines std::atomic and its like?
bool defines_atomics(const std::string& file) {
    const std::string name = file.substr(file.rfind('/') + 1);
    return is_of_the_system(file) &&
           (name == "atomic" || name == "atomic_base.h" || name == "weave_atomics.h" ||
            name == "atomic_wait.h" || name == "stdatomic.h" ||
            file.find("/__atomic/") != std::string::npos);
}

/// The function that asks for the order: the innermost one outside of the definition of
/// std::atomic. It may be one of the library, such as a count of std::shared_ptr.
Place asker_of(const std::vector<Place>& frames) {
    for (const Place& frame : frames) {
        if (frame.line != 0 && !defines_atomics(frame.file)) {
            return frame;
        }
    }
    return Place{};
}

}  // namespace

std::memory_order order_at_watched(SiteKind kind, uint32_t pc, std::memory_order asked) {
    Site& site = site_at(kind, pc);
    site.asked = asked;
    return site.is_weakened ? site.given : asked;
}

void watch_sites() {
    if (has_begun) {
        return;
    }
    has_begun = true;
    const char* const list = std::getenv("WEAVE_WEAKEN");
    std::string_view all = list == nullptr ? "" : list;
    while (!all.empty()) {
        const std::string_view word = all.substr(0, all.find(','));
        weaken(word);
        all.remove_prefix(word.size() == all.size() ? word.size() : word.size() + 1);
    }
    sites_are_watched = site_count != 0 || std::getenv("WEAVE_SITES") != nullptr;
}

void write_sites() {
    // A fuzzer searches once for every input, and mostly nothing is watched.
    const char* const path = sites_are_watched ? std::getenv("WEAVE_SITES") : nullptr;
    if (path == nullptr) {
        return;
    }
    std::vector<uint32_t> pcs;
    for (const Site& site : sites) {
        if (site.pc != 0) {
            pcs.push_back(site.pc);
        }
    }
    const Frames frames = find_frames(pcs);
    FILE* const file = std::fopen(path, "w");
    if (file == nullptr) {
        std::fprintf(stderr, "weave: cannot write %s\n", path);
        return;
    }
    for (const Site& site : sites) {
        if (site.pc == 0) {
            continue;
        }
        const auto of_pc = frames.find(site.pc);
        const Place known = of_pc == frames.end() ? Place{} : asker_of(of_pc->second);
        std::fprintf(file, "%x\t%s\t%s\t%s:%u\t%s\n", site.pc,
                     kinds[static_cast<size_t>(site.kind)],
                     name_of_order(static_cast<uint8_t>(site.asked)), known.file.c_str(),
                     known.line, known.function.c_str());
    }
    std::fclose(file);
}

}  // namespace weave
