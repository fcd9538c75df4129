// Findings that a file names to be left out, in the syntax of ThreadSanitizer and LeakSanitizer:
// a line TYPE:PATTERN each, # begins a comment.
#pragma once

#include <string>
#include <vector>

#include "report/places.h"
#include "run/facts.h"

namespace weave {

/// Does a pattern match a text? It matches a part of it: `*` stands for any text, a `^` at the
/// start for the text's start, and a `$` at the end for its end.
bool matches(const std::string& pattern, const std::string& text);

class Suppressions {
  public:
    /// Reads the content of a file. Throws std::invalid_argument with the line that is wrong.
    explicit Suppressions(const std::string& text);

    bool is_empty() const { return rules_.empty(); }
    /// Is a finding to be left out? `facts` are those of a traced execution. `race` looks at all
    /// frames of both accesses and at the object's name, `race_top` at the first frames only,
    /// `leak` at the functions at the allocation's place. The other types of ThreadSanitizer are
    /// read and match nothing.
    bool match(const Facts& facts) const;

  private:
    struct Rule {
        std::string type;
        std::string pattern;
    };
    bool match_names(const char* type, const std::vector<std::string>& names) const;

    std::vector<Rule> rules_;
};

}  // namespace weave
