// weave: runs a program again and again, each time in another interleaving of its threads and with
// other results of its loads, as far as the C++20 memory model lets them differ.
//
// This is the whole interface for tests and fuzz targets:
//
//     const weave::Result result = weave::explore({.executions = 10'000}, [] {
//         std::atomic<int> x = 0;
//         std::thread other([&] { x = 1; });
//         assert(x.load() == 0 || x.load() == 1);
//         other.join();
//     });
//
// The body is plain C++, compiled with weave's flags (the CMake target weave::program); it also
// runs on real threads. Everything it does has to follow from what it is given and from the
// schedule: no time, no addresses, no state that outlives it. Nothing is restored between
// executions but what the body allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weave {

/// What an execution, or a whole exploration, came to. The first finding decides.
enum class Verdict : uint8_t {
    ok,
    data_race,       ///< two accesses of which one writes, not ordered and not both atomic
    assertion,       ///< a failed assert, abort(), or a primitive used against its rules
    crash,           ///< a signal, or an exception that nobody catches
    deadlock,        ///< nobody can go on
    livelock,        ///< everybody goes on, and nothing will ever change
    use_after_free,  ///< also if the access is unordered with the free
    double_free,
    leak,           ///< not freed and not reachable at the end
    out_of_bounds,  ///< of a heap block
    uninitialized,  ///< a load of heap memory that nobody has written
    limit,          ///< a bound inside one execution was reached: steps, threads, memory
    unsupported,    ///< the program does something that weave does not model
};

/// The word for a verdict, such as "data-race".
const char* name_of(Verdict verdict) noexcept;

enum class Mode : uint8_t {
    random,      ///< each choice uniformly
    pct,         ///< random priorities with `depth` - 1 changes: Burckhardt et al., ASPLOS 2010
    starve,      ///< random, but one thread is held back for long at a random point
    exhaustive,  ///< depth first, all of them
    bytes,       ///< `bytes` decides; exhausted, it is all zeros
};

enum class Memory : uint8_t {
    c20,  ///< C++20, but for load buffering
    sc,   ///< every load returns the newest store
};

/// How to explore. An exploration ends with the first finding, or when one of its bounds is
/// reached.
struct Options {
    Mode mode = Mode::random;
    Memory memory = Memory::c20;
    uint64_t executions = 10'000;  ///< at most so many; 0: no bound
    double seconds = 0;            ///< at most so long; 0: no bound
    uint64_t seed = 1;
    uint32_t depth = 3;        ///< PCT's: a bug that needs so many ordered steps
    int32_t preemptions = -1;  ///< exhaustive: at most so many switches from a thread that could go
                               ///< on; -1: no bound
    uint32_t steps_max = 20'000;  ///< of one execution: atomic operations, locks, waits, yields;
                                  ///< more are `limit`
    bool continues = false;       ///< go on after a finding
    bool is_quiet = false;        ///< print nothing
    bool finds_leaks = true;
    bool spurious_wakeups = true;      ///< condition variables may wake without a reason
    bool reuses_memory = true;         ///< malloc may return what was freed (not if exhaustive)
    bool restores_variables = false;   ///< globals and statics of the whole program, before
                                       ///< each execution; what the host keeps in some too
    bool plain_choice_points = false;  ///< a switch may also come before a plain access
    const uint8_t* bytes = nullptr;    ///< Mode::bytes
    size_t bytes_size = 0;
    std::string replay;  ///< the text of a schedule to run instead
};

/// What was found first, as text.
struct Finding {
    std::string what;      ///< one line
    std::string report;    ///< all of it: what, where, who, and the timeline
    std::string schedule;  ///< for Options::replay
};

struct Result {
    Verdict verdict = Verdict::ok;
    uint64_t executions = 0;
    bool is_complete = false;  ///< exhaustive search has seen everything there is
    double seconds = 0;
    uint64_t steps = 0;          ///< all executions together
    uint64_t steps_min = 0;      ///< of the shortest execution
    uint64_t backlog_max = 0;    ///< the deepest that the body has told by backlog()
    uint64_t first_finding = 0;  ///< the execution that had the finding, from 1; 0: none
    uint64_t count[13] = {};     ///< executions by verdict
    Finding finding;
};

/// Runs `body` under control, until a finding or a bound. One exploration at a time in a process,
/// and no other thread of it may run instrumented code meanwhile.
///
/// `after`, if given, is called after each execution, outside of it, with the execution's verdict.
Result explore(const Options& options, const std::function<void()>& body,
               const std::function<void(Verdict)>& after = nullptr);

/// True inside an execution.
bool is_active() noexcept;

/// Tells an exploration how deep a queue is now; the deepest is reported. A no-op elsewhere.
void backlog(uint64_t depth) noexcept;

}  // namespace weave
