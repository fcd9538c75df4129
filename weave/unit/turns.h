// Turns for choosers to decide.
#pragma once

#include <cstdint>
#include <vector>

#include <run/chooser.h>

namespace weave {

// What threads are about to do where it does not matter.
inline constexpr Operation no_operations[threads_max] = {};

inline Turn turn_of(const ThreadSet& enabled, unsigned current, uint64_t step = 1,
                    const Operation* pending = no_operations) {
    return {enabled, current, step, pending};
}

/// A bit for each of the first threads.
inline uint64_t first_threads(unsigned count) { return (uint64_t{1} << count) - 1; }

/// A thread of a scripted program.
struct Scripted {
    std::vector<Operation> operations;
    unsigned parent = 0;       ///< creates it
    size_t created_after = 0;  ///< operations of the parent; it begins to exist then
};

/// Runs threads 0, 1 and so on, as an execution would: the chooser is asked if more than one can
/// run. Returns the thread of each operation.
inline std::vector<unsigned> run_script(Chooser& chooser, const std::vector<Scripted>& threads) {
    std::vector<size_t> done(threads.size());
    std::vector<bool> exists(threads.size());
    std::vector<Operation> pending(threads.size());
    std::vector<unsigned> order;
    exists[0] = true;
    chooser.begin();
    for (unsigned current = 0;;) {
        ThreadSet enabled;
        for (unsigned thread = 0; thread < threads.size(); ++thread) {
            const Scripted& script = threads[thread];
            if (!exists[thread] && exists[script.parent] &&
                done[script.parent] == script.created_after) {
                exists[thread] = true;
                chooser.created(script.parent, thread);
            }
            if (exists[thread] && done[thread] < script.operations.size()) {
                enabled.add(thread);
                pending[thread] = script.operations[done[thread]];
            }
        }
        if (enabled.is_empty()) {
            chooser.end(order.size());
            return order;
        }
        const Turn turn{enabled, current, order.size() + 1, pending.data()};
        current = turn.thread(turn.count() == 1 ? 0 : chooser.choose_thread(turn));
        ++done[current];
        order.push_back(current);
    }
}

}  // namespace weave
