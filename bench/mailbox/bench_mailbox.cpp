// bench_mailbox: the mailbox and its peers, case by case, on Google Benchmark.
//
//   bench_mailbox [--rotate=N] [Google Benchmark's options]
//
// Cells are named CASE/QUEUE. Within a case the queues run right after one another; --rotate=N
// starts N queues later, so that over several rounds none is always first.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/mailbox/registry.h"

namespace {

/// Takes our own option out of the command line.
size_t take_rotation(int& argc, char** argv) {
    constexpr std::string_view option = "--rotate=";
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]).starts_with(option)) {
            const size_t rotation = std::strtoul(argv[i] + option.size(), nullptr, 10);
            std::rotate(argv + i, argv + i + 1, argv + argc);
            --argc;
            return rotation;
        }
    }
    return 0;
}

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const bench::Cell& cell : bench::cells()) {
        if (std::find(names.begin(), names.end(), cell.case_name) == names.end()) {
            names.push_back(cell.case_name);
        }
    }
    return names;
}

void register_case(const std::string& name, size_t rotation) {
    std::vector<bench::Cell> queues;
    std::copy_if(bench::cells().begin(), bench::cells().end(), std::back_inserter(queues),
                 [&](const bench::Cell& cell) { return cell.case_name == name; });
    std::sort(queues.begin(), queues.end(),
              [](const bench::Cell& a, const bench::Cell& b) { return a.queue < b.queue; });
    std::rotate(queues.begin(), queues.begin() + static_cast<ptrdiff_t>(rotation % queues.size()),
                queues.end());
    for (const bench::Cell& cell : queues) {
        auto* benchmark = benchmark::RegisterBenchmark((name + "/" + cell.queue).c_str(), cell.run);
        benchmark->Iterations(cell.iterations);
        if (cell.times_itself) {
            benchmark->UseManualTime();
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const size_t rotation = take_rotation(argc, argv);
    for (const std::string& name : case_names()) {
        register_case(name, rotation);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
