// The file of Options::state: what a search that was ended continues with. It is either the old one
// or the new one at any moment, also if the process is killed or the machine stops.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include <weave/weave.h>

namespace weave {

/// The file cannot be used. The text says why, in words for the user.
class WrongState : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

class StateFile {
  public:
    /// `arguments` tell the search from others of the same program.
    StateFile(std::string path, const Options& options, const std::string& arguments);

    /// The content of the last save(). Empty if there is no file. Throws WrongState: the file is
    /// that of another program, of another build, or of a search with other options or arguments,
    /// or damaged.
    std::string load() const;
    /// Throws WrongState if the file cannot be written.
    void save(const std::string& content) const;
    /// The search is over.
    void remove() const;

  private:
    std::string head() const;

    const std::string path_;
    uint64_t program_;
    std::string options_;
    std::string arguments_;
};

}  // namespace weave
