// Which queues take part, and the cases that each of them runs.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace bench {

/// One cell of the table: a case, run through a queue.
struct Cell {
    std::string case_name;
    std::string queue;
    void (*run)(benchmark::State&);
    /// Turns of the benchmark's loop. Cases with threads time themselves and turn once.
    int64_t iterations;
    bool times_itself;
};

/// Every cell that a linked file registered, in no particular order.
inline std::vector<Cell>& cells() {
    static std::vector<Cell> all;
    return all;
}

}  // namespace bench
