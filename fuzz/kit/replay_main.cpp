// The plain program around a target: replays inputs, describes them, generates the seed corpus,
// measures speed and tells what a script has to know. Needs no fuzzer, builds with any compiler.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/random.h"
#include "fuzz/kit/report.h"
#include "fuzz/kit/seed_files.h"

// Present in builds with a sanitizer; null in others.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizers' own name.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

namespace fs = std::filesystem;
using Input = std::vector<uint8_t>;

constexpr int exit_finding = 1;
constexpr int exit_usage = 2;
constexpr double benchmark_seconds_default = 5;
constexpr int state_rounds_max = 50;

struct NamedInput {
    std::string path;
    Input bytes;
};

[[noreturn]] void fail(const std::string& message) {
    std::fprintf(stderr, "%s: %s\n", fuzz::fuzz_target().name, message.c_str());
    std::exit(exit_usage);
}

Input read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fail("cannot read " + path.string());
    }
    return Input(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::vector<fs::path> list_files(const fs::path& path) {
    std::error_code error;
    if (fs::is_regular_file(path, error)) {
        return {path};
    }
    if (!fs::is_directory(path, error)) {
        fail("no such file or folder: " + path.string());
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    if (error || files.empty()) {
        fail("no inputs in " + path.string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<NamedInput> load(const std::vector<std::string>& paths) {
    if (paths.empty()) {
        fail("name a file or folder; --help shows the options");
    }
    std::vector<NamedInput> inputs;
    for (const std::string& path : paths) {
        for (const fs::path& file : list_files(path)) {
            inputs.push_back({file.string(), read_file(file)});
        }
    }
    return inputs;
}

void run_all(const std::vector<NamedInput>& inputs) {
    for (const NamedInput& input : inputs) {
        fuzz::set_current_input(input.path.c_str());
        fuzz::fuzz_target().run(input.bytes);
    }
    fuzz::set_current_input(nullptr);
}

int replay(const std::vector<std::string>& paths) {
    const std::vector<NamedInput> inputs = load(paths);
    run_all(inputs);
    std::printf("%s: %zu inputs, no finding\n", fuzz::fuzz_target().name, inputs.size());
    return 0;
}

int replay_shuffled(unsigned seed, const std::vector<std::string>& paths) {
    std::vector<NamedInput> inputs = load(paths);
    fuzz::Random random(seed);
    std::shuffle(inputs.begin(), inputs.end(), random);
    run_all(inputs);
    std::printf("%s: %zu inputs in order %u, no finding\n", fuzz::fuzz_target().name, inputs.size(),
                seed);
    return 0;
}

int describe(const std::string& path) {
    std::fputs(fuzz::fuzz_target().describe(read_file(list_files(path).front())).c_str(), stdout);
    return 0;
}

bool all_states_reached() {
    const std::vector<fuzz::StateCount> states = fuzz::fuzz_target().states();
    return std::all_of(states.begin(), states.end(),
                       [](const fuzz::StateCount& state) { return state.count != 0; });
}

/// What threads reach depends on their timing, so what was not reached gets another chance.
int show_states(const std::vector<std::string>& paths) {
    const std::vector<NamedInput> inputs = load(paths);
    run_all(inputs);
    for (int round = 1; round < state_rounds_max && !all_states_reached(); ++round) {
        run_all(inputs);
    }
    for (const fuzz::StateCount& state : fuzz::fuzz_target().states()) {
        std::printf("%12llu  %s%s\n", static_cast<unsigned long long>(state.count), state.name,
                    state.count == 0 ? "  <- never reached" : "");
    }
    return all_states_reached() ? 0 : exit_finding;
}

int generate(const std::string& folder, const std::vector<fuzz::Seed>& seeds) {
    fuzz::write_seeds(folder, seeds);
    std::printf("%s: wrote %zu inputs to %s\n", fuzz::fuzz_target().name, seeds.size(),
                folder.c_str());
    return 0;
}

double clock_seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Prints the sizes by which a script takes a schedule apart.
int show_format() {
    const fuzz::ScheduleFormat& format = fuzz::fuzz_target().format;
    std::printf("version %u header %zu record %zu wishes %zu\n", unsigned{format.version()},
                format.header_bytes, format.record_bytes,
                format.wishes_max * fuzz::ScheduleFormat::wish_bytes);
    return 0;
}

/// A line for each input: bytes, microseconds of processor time, path, and the states that this
/// input reached, with tabs between them.
int show_each(const std::vector<std::string>& paths) {
    std::vector<fuzz::StateCount> before = fuzz::fuzz_target().states();
    for (const NamedInput& input : load(paths)) {
        const double start = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        fuzz::set_current_input(input.path.c_str());
        fuzz::fuzz_target().run(input.bytes);
        const double seconds = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
        std::printf("%zu\t%.0f\t%s", input.bytes.size(), seconds * 1e6, input.path.c_str());
        const std::vector<fuzz::StateCount> after = fuzz::fuzz_target().states();
        for (size_t i = 0; i < after.size(); ++i) {
            if (after[i].count != before[i].count) {
                std::printf("\t%s", after[i].name);
            }
        }
        std::printf("\n");
        before = after;
    }
    fuzz::set_current_input(nullptr);
    return 0;
}

int benchmark(const std::string& folder, double seconds_min) {
    const std::vector<NamedInput> inputs = load({folder});
    std::vector<size_t> sizes;
    for (const NamedInput& input : inputs) {
        sizes.push_back(input.bytes.size());
    }
    std::sort(sizes.begin(), sizes.end());
    const auto quantile = [&](size_t percent) { return sizes[(sizes.size() - 1) * percent / 100]; };
    std::printf("%zu inputs, bytes: min %zu, p25 %zu, median %zu, p75 %zu, p99 %zu, max %zu\n",
                sizes.size(), sizes.front(), quantile(25), quantile(50), quantile(75), quantile(99),
                sizes.back());

    run_all(inputs);
    const double cpu_start = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double wall_start = clock_seconds(CLOCK_MONOTONIC);
    double wall_seconds = 0;
    size_t executions = 0;
    while (wall_seconds < seconds_min) {
        run_all(inputs);
        executions += inputs.size();
        wall_seconds = clock_seconds(CLOCK_MONOTONIC) - wall_start;
    }
    const double cpu_seconds = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    std::printf("%zu executions: %.0f per CPU-second, %.0f per second\n", executions,
                static_cast<double>(executions) / cpu_seconds,
                static_cast<double>(executions) / wall_seconds);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("peak memory %ld MB\n", usage.ru_maxrss / 1024);
    return 0;
}

/// What the command line asks for; of several actions only one is given.
struct Options {
    std::vector<std::string> paths;
    std::string described;
    bool states = false;
    bool each = false;
    bool format = false;
    std::optional<unsigned> shuffle_seed;
    std::string seed_folder;
    std::string benchmark_folder_written;
    std::vector<std::string> benchmark;  ///< a folder, then perhaps seconds
    bool list = false;
};

void add_options(CLI::App& app, Options& options) {
    app.add_option("PATH", options.paths, "replay files and, recursively, folders");
    CLI::Option_group* const actions = app.add_option_group("actions");
    actions->require_option(0, 1);
    actions->add_option("--describe", options.described, "show an input as text")
        ->type_name("FILE");
    actions->add_flag("--states", options.states,
                      "replay, then show which states were reached; exit 1 if one was not");
    actions->add_flag("--each", options.each,
                      "replay, with a line for each input: bytes, microseconds, path, states");
    actions->add_flag("--format", options.format, "print the format's version and sizes");
    actions->add_option("--shuffle", options.shuffle_seed, "replay in a random order")
        ->type_name("SEED");
    actions->add_option("--generate", options.seed_folder, "write the seed corpus")
        ->type_name("DIR");
    actions
        ->add_option("--generate-benchmark", options.benchmark_folder_written,
                     "write the benchmark inputs")
        ->type_name("DIR");
    actions
        ->add_option("--benchmark", options.benchmark,
                     "executions per CPU-second and per second; 5 seconds if none are given")
        ->type_name("DIR [SECONDS]")
        ->expected(1, 2);
    actions->add_flag("--list", options.list, "print the name of the target");
}

int run_benchmark(const std::vector<std::string>& arguments) {
    double seconds = benchmark_seconds_default;
    if (arguments.size() > 1 &&
        (!CLI::detail::lexical_cast(arguments[1], seconds) || seconds <= 0)) {
        fail("--benchmark: " + arguments[1] + " is not a number of seconds above 0");
    }
    return benchmark(arguments[0], seconds);
}

int run(const Options& options) {
    if (options.list) {
        return std::printf("%s\n", fuzz::fuzz_target().name) < 0;
    }
    if (!options.described.empty()) {
        return describe(options.described);
    }
    if (!options.seed_folder.empty()) {
        return generate(options.seed_folder, fuzz::fuzz_target().seeds());
    }
    if (!options.benchmark_folder_written.empty()) {
        return generate(options.benchmark_folder_written, fuzz::fuzz_target().benchmark_inputs());
    }
    if (!options.benchmark.empty()) {
        return run_benchmark(options.benchmark);
    }
    if (options.format) {
        return show_format();
    }
    if (options.each) {
        return show_each(options.paths);
    }
    if (options.states) {
        return show_states(options.paths);
    }
    if (options.shuffle_seed) {
        return replay_shuffled(*options.shuffle_seed, options.paths);
    }
    return replay(options.paths);
}

/// Reads the command line and does what it asks for. Returns the exit status.
int read_and_run(int argc, char** argv) {
    CLI::App app("Replays inputs of the fuzz target, describes them, and generates seeds.",
                 fuzz::fuzz_target().name);
    Options options;
    add_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    }
    return run(options);
}

}  // namespace

int main(int argc, char** argv) {
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(fuzz::print_reproducer);
    }
    try {
        return read_and_run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", fuzz::fuzz_target().name, error.what());
        return exit_usage;
    }
}
