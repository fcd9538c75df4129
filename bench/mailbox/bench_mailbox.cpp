// bench_mailbox: the mailbox and its peers, case by case, on Google Benchmark.
//
//   bench_mailbox [--rotate=N] [Google Benchmark's options]
//
// Cells are named CASE/QUEUE. Within a case the queues run right after one another; --rotate=N
// starts N queues later, so that over several rounds none is always first.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "bench/mailbox/registry.h"
#include "sim/programs/options.h"

namespace {

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
    CLI::App app("Times the mailbox and its peers.", "bench_mailbox");
    // --help, like all other options, is Google Benchmark's.
    app.set_help_flag("");
    app.allow_extras();
    size_t rotation = 0;
    pto::programs::add_number(app, "--rotate", rotation, 0, ~0u, "Starts that many queues later");
    if (const std::optional<int> status = pto::programs::read_options(app, argc, argv)) {
        return *status;
    }
    for (const std::string& name : case_names()) {
        register_case(name, rotation);
    }
    std::vector<std::string> others = app.remaining();
    others.insert(others.begin(), argv[0]);
    std::vector<char*> words;
    std::transform(others.begin(), others.end(), std::back_inserter(words),
                   [](std::string& word) { return word.data(); });
    int count = static_cast<int>(words.size());
    words.push_back(nullptr);
    benchmark::Initialize(&count, words.data());
    if (benchmark::ReportUnrecognizedArguments(count, words.data())) {
        return pto::programs::exit_usage;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
