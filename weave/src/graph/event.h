// Execution graphs: the events of an execution, which store each load returned, and where each
// store stands in the modification order. Everything else that an execution does follows from them.
#pragma once

#include <cstdint>
#include <cstring>

#include "model/location.h"
#include "model/sync.h"

namespace weave {

/// Threads of a graph. With more, the search goes back to Mode::dfs.
inline constexpr unsigned graph_threads_max = 16;

/// For each thread, how many of its events (or which of its epochs) come before something.
struct Prefix {
    uint16_t of[graph_threads_max];

    void join(const Prefix& other) {
        // All at once: they are copied as a whole right after this.
        using All = uint16_t __attribute__((vector_size(sizeof of)));
        All mine;
        All others;
        std::memcpy(&mine, of, sizeof of);
        std::memcpy(&others, other.of, sizeof of);
        mine = __builtin_elementwise_max(mine, others);
        std::memcpy(of, &mine, sizeof of);
    }
};

/// Events are known by their *stamp*, which numbers them from 1 in the order in which they were
/// added to the graph. 0 stands for the initial value of an object. An execution runs them in
/// another order if a load was made to return a store that was added later.
using Stamp = uint32_t;

enum class GraphKind : uint8_t {
    read,
    write,
    fence,
    choice,  ///< whether a weak compare-exchange fails spuriously, and the like
    sync,    ///< a lock, an unlock or the like
    stop     ///< a finding has ended the execution here, and the thread runs no further
};

/// What an atomic operation that reads does then.
enum class Reads : uint8_t {
    load,      ///< nothing
    modify,    ///< it stores
    exchange,  ///< it stores if it has read `expected`
};

/// What a read has to get for its thread to continue: see GraphSearch::gives_up().
enum class Needs : uint8_t {
    nothing,
    expected,  ///< the value `expected`
    another    ///< any other one
};

struct GraphEvent {
    GraphKind kind;
    Reads reads_for;
    uint8_t thread;
    uint8_t value;          ///< of a choice
    bool is_weak;           ///< an exchange that may fail though it reads `expected`
    uint8_t alternatives;   ///< of a choice
    bool is_frozen;         ///< must stay: a store that revisited a load needs it
    bool is_rmw;            ///< the store of an RMW, right after its load
    bool is_ghost;          ///< the thread stops before it: a finding comes right after it
    bool is_sc;             ///< takes part in the order S
    bool is_sc_if_stored;   ///< the same, for an exchange that stores, ...
    bool is_sc_if_not;      ///< ... and for one that does not
    bool is_bound;          ///< a read that gets the store that is newest when it is executed, ...
    Needs needs;            ///< ... and what its thread needs that to be
    uint16_t index;         ///< within its thread, from 1
    uint16_t epoch;         ///< of its thread's clock
    Wants wants;            ///< of a sync event; the threads before it on its object leave it so
    bool is_free;           ///< ... could another thread take the object before it, ...
    bool is_free_to_share;  ///< ... or share it?
    bool is_of_round;   ///< of a lock that is taken, tried or given back without a change of what
                        ///< it protects: rounds of loops may contain it
    Stamp reads;        ///< of a read: the store that it returned; of a sync event: the one
                        ///< before it on its object
    Stamp older;        ///< of a write: the store right before it in the modification order
    Stamp twin;         ///< the same event of the thread's twin, if both did the same until then
    Stamp partner;      ///< of an RMW's store, or of a choice: the load before it; of a bound
                        ///< read: the sync event right before it
    uint32_t location;  ///< number of the object in the last execution
    uintptr_t address;  ///< of the object
    Store* store;       ///< made or returned, in this execution; null before that
    Value expected;     ///< of an exchange, or of a bound read
    Prefix before;      ///< the events that program order and reads-from put before it, without
                        ///< what it reads itself
    Prefix porf;        ///< the same with what it reads, and itself
    Prefix known;       ///< the epochs that happen before it
};

}  // namespace weave
