// Makes the targets' reports name the tree in the command that runs an input again.
#include <string>

#include "foreign/under_test.h"
#include "fuzz/kit/report.h"

namespace {

const bool is_set = [] {
    static const std::string options = std::string("--subject ") + foreign::tree().option + " ";
    fuzz::set_replay_options(options.c_str());
    return true;
}();

}  // namespace
