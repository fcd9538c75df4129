// Functions of the C library that read or write the program's memory, and that weave does not see.
#pragma once

#include <string>
#include <vector>

namespace weave {

/// One such function that the program calls.
struct UnseenCall {
    std::string function;
    std::string place;  ///< the first that calls it
};

/// All of them that instrumented functions of the program call or take the address of, each once,
/// by the names in unseen.cpp.
std::vector<UnseenCall> unseen_calls();

}  // namespace weave
