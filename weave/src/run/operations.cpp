// A line for each operation; what is kept is decided here.
#include "run/operations.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

namespace weave {

namespace {

struct NamedKind {
    Event::Kind kind;
    const char* name;
};

constexpr NamedKind kinds[] = {{Event::Kind::load, "load"},
                               {Event::Kind::store, "store"},
                               {Event::Kind::rmw, "rmw"},
                               {Event::Kind::exchange_failed, "exchange-failed"},
                               {Event::Kind::lock, "lock"},
                               {Event::Kind::try_lock_failed, "lock-failed"},
                               {Event::Kind::unlock, "unlock"},
                               {Event::Kind::wait, "wait"},
                               {Event::Kind::woken, "woken"},
                               {Event::Kind::notify, "notify"},
                               {Event::Kind::take, "take"},
                               {Event::Kind::post, "post"},
                               {Event::Kind::arrive, "arrive"},
                               {Event::Kind::call_once, "call-once"},
                               {Event::Kind::once_done, "once-done"},
                               {Event::Kind::yield, "yield"}};

constexpr const char* first_line = "weave-operations 1";

bool reads(Event::Kind kind) {
    return kind == Event::Kind::load || kind == Event::Kind::rmw ||
           kind == Event::Kind::exchange_failed;
}

template <class Number>
bool parse_number(const std::string& text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return !text.empty() && stopped == end && error == std::errc{};
}

/// "-", or WRITER:NUMBER.
bool parse_store(const std::string& text, KeptOperation& operation) {
    if (text == "-") {
        return true;
    }
    const size_t colon = text.find(':');
    return colon != std::string::npos && parse_number(text.substr(0, colon), operation.writer) &&
           parse_number(text.substr(colon + 1), operation.number) && operation.number != 0;
}

bool parse_line(const std::string& line, KeptOperation& operation) {
    std::istringstream words(line);
    std::string thread;
    std::string kind;
    std::string store;
    words >> thread >> kind;
    const auto* const found =
        std::find_if(std::begin(kinds), std::end(kinds),
                     [&](const NamedKind& named) { return kind == named.name; });
    if (found == std::end(kinds) || !parse_number(thread, operation.thread)) {
        return false;
    }
    operation.kind = found->kind;
    operation.reads = reads(operation.kind);
    return !operation.reads || (words >> store && parse_store(store, operation));
}

}  // namespace

bool is_kept(Event::Kind kind) {
    return std::any_of(std::begin(kinds), std::end(kinds),
                       [&](const NamedKind& named) { return named.kind == kind; });
}

std::string operations_text(const std::string& verdict, const History& history,
                            const std::function<std::string(const Event&)>& remark) {
    std::ostringstream out;
    out << first_line << "\nverdict " << verdict << '\n';
    for (size_t i = 0; i < history.events().size(); ++i) {
        const Event& event = history.events()[i];
        const auto* const named =
            std::find_if(std::begin(kinds), std::end(kinds),
                         [&](const NamedKind& one) { return one.kind == event.kind; });
        if (named == std::end(kinds)) {
            continue;
        }
        out << event.thread << ' ' << named->name;
        if (reads(event.kind)) {
            const size_t store = history.read_by(i);
            if (store == History::none) {
                out << " -";
            } else {
                const History::Points& points = history.points_of(store);
                out << ' ' << history.events()[store].thread << ':'
                    << points.points[points.count - 1].number;
            }
        }
        const std::string more = remark(event);
        out << (more.empty() ? "" : " ") << more << '\n';
    }
    return out.str();
}

bool parse_operations(const std::string& text, KeptOperations& kept) {
    std::istringstream in(text);
    std::string line;
    std::string word;
    if (!std::getline(in, line) || line != first_line || !(in >> word >> kept.verdict) ||
        word != "verdict" || !std::getline(in, line)) {
        return false;
    }
    while (std::getline(in, line)) {
        KeptOperation operation;
        if (!parse_line(line, operation)) {
            return false;
        }
        kept.operations.push_back(operation);
    }
    return !kept.operations.empty();
}

}  // namespace weave
