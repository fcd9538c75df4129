// The operations of a failing execution, as they are kept for later builds of the program: who did
// what, and which store it read. They say nothing of addresses, lines or numbers of steps, so that
// they still lead to the failure when the code around it has changed.
//
//     weave-operations 1
//     verdict data-race
//     0 load - mailbox.h:346                 thread, kind, the initial value; then a remark
//     1 store                                a store reads nothing
//     0 load 1:3 mailbox.h:346               thread 1's third store to the object
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "run/event.h"
#include "run/ordering.h"

namespace weave {

struct KeptOperation {
    uint16_t thread = 0;
    Event::Kind kind = Event::Kind::load;
    bool reads = false;
    uint16_t writer = 0;
    uint32_t number =
        0;  ///< the writer's stores to the object are counted from 1; 0: initial value

    bool operator==(const KeptOperation&) const = default;
};

struct KeptOperations {
    std::string verdict;
    std::vector<KeptOperation> operations;
};

/// Is an event one of the operations that are kept? Others follow from them.
bool is_kept(Event::Kind kind);

/// The operations of an execution. `remark` is what to add to the line of an event.
std::string operations_text(const std::string& verdict, const History& history,
                            const std::function<std::string(const Event&)>& remark);

/// The inverse, without the remarks. False if the text is not such a list.
bool parse_operations(const std::string& text, KeptOperations& kept);

}  // namespace weave
