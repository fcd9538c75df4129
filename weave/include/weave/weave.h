// weave explores concurrent C++: it runs a piece of code many times, each time with another
// interleaving of its threads and other results of its loads, within what C++20 allows.
//
// This header is the whole interface for tests and fuzz targets:
//
//     const weave::Result result = weave::explore({.executions = 10'000}, [] {
//         std::atomic<int> x = 0;
//         std::thread other([&] { x = 1; });
//         assert(x.load() == 0 || x.load() == 1);
//         other.join();
//     });
//
// The body is ordinary C++, compiled with weave's flags (the CMake target weave::program). The same
// code also runs on real threads. Its behaviour must depend only on its input and the schedule: not
// on the time of day, on addresses, or on state left by an earlier execution. Between executions
// only the memory that the body allocated is reset, unless `restores_variables` is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weave {

/// The result of one execution, or of a whole exploration, which has that of its first finding.
/// Every value other than ok, limit, unsupported and unrepeatable is a finding.
enum class Verdict : uint8_t {
    ok,
    data_race,       ///< two unordered accesses, one a write, not both atomic ([intro.races]/21)
    assertion,       ///< a failed assert, abort(), or misuse of a lock or the like
    crash,           ///< a fatal signal, or an uncaught exception
    deadlock,        ///< every thread is blocked
    livelock,        ///< threads run, but none can ever make progress
    use_after_free,  ///< an access to a freed heap block, or to a dead local object
    double_free,     ///< a second free of a heap block
    leak,            ///< a heap block that is neither freed nor reachable at the end
    out_of_bounds,   ///< an access past either end of an object
    uninitialized,   ///< a load of heap memory that was never written
    limit,         ///< the execution exceeded a bound: steps, threads, memory, time without a step
    unsupported,   ///< the program calls something that weave does not model
    exit_status,   ///< a whole program ended with a status other than 0, against Options::status
    unrepeatable,  ///< the same choices gave another execution: something has outlived the one
                   ///< before
    judged,        ///< Options::judge says that something is wrong
};

/// Returns the name of a verdict, such as "data-race". Thread-safe.
const char* name_of(Verdict verdict) noexcept;

/// How choices are made: which thread runs next, which store a load returns, and so on.
enum class Mode : uint8_t {
    mix,         ///< random, pct, pos, surw, delay, starve and pctwm in turn
    random,      ///< every alternative with the same probability
    pct,         ///< random thread priorities, changed `depth` - 1 times per execution:
                 ///< Burckhardt et al., A Randomized Scheduler with Probabilistic Guarantees of
                 ///< Finding Bugs, ASPLOS 2010
    starve,      ///< random, but one thread is held back for a long time from a random point on
    pos,         ///< random priorities of operations, drawn anew for those that race:
                 ///< Yuan et al., Partial Order Aware Concurrency Sampling, CAV 2018
    surw,        ///< all interleavings of the operations on some objects equally likely:
                 ///< Zhao et al., Selectively Uniform Concurrency Testing, ASPLOS 2025
    delay,       ///< random, but the changes of one object wait until nothing else can run
    pctwm,       ///< random priorities, and loads return the oldest store that they may, except for
                 ///< `depth` of them: Gao et al., Probabilistic Concurrency Testing for Weak
                 ///< Memory Programs, ASPLOS 2023
    exhaustive,  ///< all executions, one of each execution graph (weave/SEARCH.md)
    dfs,         ///< all executions, by depth-first search through all choices
    bytes,       ///< one execution; each byte of `bytes` makes one choice; after them a thread runs
                 ///< until it yields, waits, or has had many turns in a row
};

/// Returns the name of a mode, such as "random". Thread-safe.
const char* name_of(Mode mode) noexcept;

/// The memory model.
enum class Memory : uint8_t {
    c20,  ///< C++20, without load buffering
    sc,   ///< sequential consistency: every load returns the newest store
};

/// Which exit statuses of a whole program are findings.
enum class StatusRule : uint8_t {
    differs,  ///< one other than 0, if other executions end with 0
    any,      ///< one other than 0
    ignore,   ///< none
};

/// Whether a finding is explained, which runs the body thousands of times more: the fewest switches
/// and stale reads that lead to it, and the order of operations that every failing execution has.
enum class Explain : uint8_t {
    nothing,
    finding,     ///< the first one; its report has the events that matter
    all_events,  ///< the same, and its report has all events
};

/// What a test finds wrong with an execution that has ended.
struct Judgement {
    std::string verdict;  ///< a word of the test's own, such as "lost"; empty: nothing is wrong
    std::string what;     ///< one line

    /// A part of one thread's execution, from one mark() to another, such as a call. If they are
    /// the same, what the thread has done just before each mark of that number.
    struct Part {
        uint64_t first = 0;
        uint64_t last = 0;
    };
    std::vector<Part> parts;  ///< the parts that it is about, which a report shows; up to 8 count
};

/// A wish for a pair: the `read`-th atomic read of `thread` returns the `store`-th store of
/// `writer` to the same object. Both count from 1; compare-exchanges and other RMWs are reads, and
/// those that change the object are stores too. `store` 0: the initial value.
struct ReadWish {
    uint32_t thread = 0;
    uint32_t read = 0;
    uint32_t writer = 0;
    uint32_t store = 0;
};

/// An atomic access of an execution, for a caller that looks for wishes.
struct SeenAccess {
    static constexpr size_t no_access = SIZE_MAX;

    uint32_t thread = 0;
    uint64_t object = 0;      ///< the same for accesses to the same object
    bool reads = false;       ///< a load, an RMW or a failed compare-exchange
    bool writes = false;      ///< a store or an RMW
    uint32_t place = 0;       ///< in the code, the same in each run of the program
    size_t from = no_access;  ///< of a read: the access whose store it returns, or no_access for
                              ///< the initial value
};

/// How to explore. An exploration ends at the first finding (unless `continues`), at the first
/// bound, or when an exhaustive search is complete.
struct Options {
    Mode mode = Mode::mix;
    Memory memory = Memory::c20;
    uint64_t executions = 10'000;  ///< maximum number of executions; 0: no maximum
    double seconds = 0;  ///< maximum time in seconds, tested between executions; 0: no maximum
    uint64_t seed = 1;   ///< of the random generator; the same seed repeats the same choices
    uint32_t depth = 3;  ///< Mode::pct: ordered steps that the bug needs, 1 to 33; Mode::pctwm:
                         ///< loads that it needs to be new, 1 to 32; a smaller or larger one counts
                         ///< as the next that is possible
    int32_t preemptions =
        -1;  ///< Mode::exhaustive, dfs: maximum number of switches, per execution,
             ///< away from a thread that could continue; negative: no maximum
    uint32_t steps_max =
        1'000'000;           ///< maximum number of steps of one execution: atomic operations,
                             ///< lock operations, waits and yields; beyond it: Verdict::limit
    bool continues = false;  ///< continue after a finding
    Explain explain = Explain::nothing;
    bool is_quiet = false;            ///< do not print findings on standard error
    bool finds_leaks = true;          ///< report leaks
    bool finds_races = true;          ///< report data races
    bool spurious_wakeups = true;     ///< waits may wake and try_lock() fail for no reason
    bool reuses_memory = true;        ///< malloc may return a freed block; never in exhaustive mode
    bool restores_variables = false;  ///< reset every global and static variable of the program
                                      ///< before each execution, including the caller's
    bool plain_choice_points = false;         ///< let other threads run before plain accesses too
    StatusRule status = StatusRule::differs;  ///< whole programs only
    /// Called before each execution, outside of it: renews what outlives executions. Those that
    /// explain or describe a finding count too.
    std::function<void()> before;
    /// Called after each execution that has ended well, outside of it. What it finds wrong is a
    /// finding: Verdict::judged. Not for Mode::exhaustive, which leaves out executions that only a
    /// judge can tell from others.
    std::function<Judgement()> judge;
    /// Returns the words for a mark() of the execution that has ended, such as "task 3 completes".
    /// Called for reports. If it is empty, the words are "mark" and the number.
    std::function<std::string(uint64_t)> mark_text;
    const uint8_t* bytes = nullptr;  ///< Mode::bytes: the choices; must outlive explore()
    size_t bytes_size = 0;           ///< number of bytes at `bytes`
    /// Mode::bytes: pairs to bring about. A thread that has come to its read waits for the store as
    /// long as another one can run, but not for ever; then it runs at once, and reads the store if
    /// it may. A wish that cannot come true ends there. The same bytes and wishes are the same
    /// execution.
    std::vector<ReadWish> wishes;
    /// If not null, gets the atomic accesses of the last execution, in their order.
    std::vector<SeenAccess>* accesses = nullptr;
    /// Counters of pairs of a read and what another thread has stored, each by its place in the
    /// code: they count the executions' pairs, up to 255. A fuzzer's features. Must outlive
    /// explore(); several pairs may share a counter.
    uint8_t* read_pairs = nullptr;
    size_t read_pairs_size = 0;  ///< number of counters; 0: nothing is counted
    bool estimates = false;      ///< Mode::exhaustive, dfs: only estimate how many executions there
                                 ///< are, by some random ones; a finding ends that
    bool shows_progress = false;  ///< Mode::exhaustive, dfs: print on standard error how far the
                                  ///< search is, each second
    uint32_t jobs = 1;  ///< Mode::exhaustive, dfs: number of processes, 1 to 512. The result is
                        ///< that of one, unless a bound ends the search. `body` and
                        ///< `after` run in copies of this process.
    bool uses_symmetry = false;    ///< Mode::exhaustive: threads that begin alike count once, see
                                   ///< weave/SEARCH.md; not if it continues after a finding
    bool computes_digest = false;  ///< Mode::exhaustive: Result::digest
    std::string state;  ///< Mode::exhaustive, dfs: a file that the search is kept in, twice a
                        ///< second, and that it continues with; removed when it is over
    std::string suppressions;  ///< findings to leave out, in the syntax of ThreadSanitizer's files
    std::string recall;  ///< Finding::operations of an earlier build, to find its execution again:
                         ///< executions that follow them, the first one in all, later ones less and
                         ///< less; if not empty, `mode` is ignored
    std::string replay;  ///< Finding::schedule to repeat, in one execution; if not empty, `mode`,
                         ///< `memory` and the switches stored in it are ignored
};

/// The first finding, as text. Empty without one, or if the options are quiet and continue.
struct Finding {
    std::string what;         ///< one line: the verdict and its cause
    std::string report;       ///< many lines: what, where, which threads, and the timeline
    std::string schedule;     ///< the choices, for Options::replay
    std::string operations;   ///< with Options::explain: for Options::recall
    std::string explanation;  ///< with Options::explain: the report and all events, as JSON
};

/// Why an exhaustive search has not covered every execution.
struct Bound {
    std::string by;  ///< the option: "executions", "seconds", "preemptions" or "steps";
                     ///< "loops": a loop was stopped that counted 1,024 rounds, or that ran
                     ///< for seconds; "memory"; "unsupported"; "interrupt"; "findings":
                     ///< what would follow one was left out; "undecided": too many
                     ///< executions said nothing; "finding": the search ended with it
    uint64_t executions = 0;  ///< number of executions that were cut short; 0: it ended the search
    std::string where;        ///< the first place, in a few words
};

/// How many executions a search would have, and what 4.3 standard errors leave open.
struct Estimate {
    double executions = 0;  ///< 0: there is no estimate
    double low = 0;
    double high = 0;
    double seconds = 0;    ///< for one process
    uint64_t samples = 0;  ///< independent samples that it is the mean of
};

/// The result of an exploration.
struct Result {
    Verdict verdict = Verdict::ok;
    uint64_t executions = 0;     ///< executions run
    uint64_t blocked = 0;        ///< those of them that ended early, because others cover the rest
    bool is_complete = false;    ///< an exhaustive search has covered every execution
    double seconds = 0;          ///< elapsed time
    uint64_t steps = 0;          ///< steps of all executions together
    uint64_t steps_min = 0;      ///< steps of the shortest execution; UINT64_MAX if none was run
    uint64_t threads_max = 0;    ///< the largest number of threads of an execution
    uint64_t backlog_max = 0;    ///< the largest value passed to backlog()
    uint64_t first_finding = 0;  ///< execution that decided the verdict, from 1; 0: none did
    Mode found_by = Mode::mix;   ///< Mode::mix: the part of the mix that made its choices
    uint64_t found_after = 0;    ///< executions of that part until then, from 1; 0: no mix, or no
                                 ///< finding
    std::string limitation;      ///< why Mode::exhaustive has searched like Mode::dfs, in a few
                                 ///< words; empty if it has not
    std::string asymmetry;       ///< with Options::uses_symmetry: what has told threads apart that
                                 ///< had begun alike, so that each of them counts; else empty
    std::string digest;         ///< with Options::computes_digest: 32 hexadecimal digits that stand
                                ///< for what the program does in all its executions, the same for
                                ///< a change of it that does the same; empty unless is_complete
                                ///< and limitation is empty
    std::vector<Bound> bounds;  ///< Mode::exhaustive, dfs: empty if and only if is_complete
    Estimate estimate;          ///< with Options::estimates
    uint64_t dropped = 0;     ///< Mode::exhaustive: graphs that were planned, but that no execution
                              ///< can have; none of them was run
    uint64_t count[16] = {};  ///< number of executions by verdict, indexed by Verdict
    Finding finding;
};

/// Runs `body` under weave's control again and again, until a finding or a bound, and returns what
/// was found. `body` runs on weave's own stacks of 8 MiB, and may start up to 1,023 threads at a
/// time.
///
/// `after`, if not null, is called after each execution, outside of it, with its verdict.
///
/// Throws std::invalid_argument if `options.replay` is not a schedule of this program, if
/// `options.suppressions` is malformed, if there is a judge in Mode::exhaustive, or if
/// `options.state` cannot be used, and what `after` throws. An exception that leaves `body` is a
/// finding: Verdict::crash. A call from inside an execution ends the process with status 70.
///
/// Not thread-safe: one exploration at a time per process, and no other thread of the process may
/// run instrumented code until it returns.
Result explore(const Options& options, const std::function<void()>& body,
               const std::function<void(Verdict)>& after = nullptr);

/// Returns true inside an execution. Thread-safe: other threads of the process get false.
bool is_active() noexcept;

/// What the calling thread knows of others, for a test that has to say which of two calls came
/// first in the only order that C++ gives them. Writes to `known`, for each thread from 0 to
/// `count` - 1, how much of it happens before this point, and returns the number of the calling
/// thread; the main thread is 0, and others count from 1 in the order of their creation.
///
/// A point of thread t with known[t] = n happens before a later point of another thread if and only
/// if known[t] >= n there ([intro.races]/10). Neither a choice point nor seen by the exploration.
/// Inside an execution only.
uint32_t read_clock(uint32_t* known, uint32_t count) noexcept;

/// Notes in the timeline that the calling thread has come to a point that the test gives a number,
/// such as the end of a call. `is_ordered` says that a judge's answer may depend on the order of
/// such points, so that an explanation has to look at it too. Not a choice point. Inside an
/// execution only.
void mark(uint64_t number, bool is_ordered) noexcept;

/// Reports the current depth of a queue; Result::backlog_max is the largest since explore() began.
/// Call it inside an execution; not thread-safe outside of one.
void backlog(uint64_t depth) noexcept;

}  // namespace weave
