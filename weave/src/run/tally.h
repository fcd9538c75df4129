// What a search has counted and found so far. It can be added to that of another part of the
// search, as if one process had run both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weave/weave.h>
#include "graph/digest.h"
#include "run/settings.h"

namespace weave {

class Packer;
class Unpacker;

/// Is that the verdict of an execution that has a finding?
bool is_finding(Verdict verdict);

/// An execution that can be run again.
struct KeptExecution {
    uint64_t number = 0;  ///< among those of the tally, from 1; 0: there is none
    std::vector<uint8_t> choices;
    Settings settings;
};

/// Why executions were cut short, or left out.
enum class Cut : uint8_t { preemptions, steps, loops, memory, unsupported, findings };
inline constexpr unsigned cut_count = 6;

/// Executions that were cut for one of these reasons.
struct CutCount {
    uint64_t executions = 0;
    uint64_t first = 0;  ///< number of the first one
    uint64_t step = 0;   ///< where it was cut
    uint32_t thread = 0;
    uint32_t has_place = 0;  ///< are step and thread known?
};

/// The numbers of a Tally.
struct TallyNumbers {
    uint64_t executions = 0;
    uint64_t blocked = 0;    ///< executions that ended early: Chooser::was_blocked()
    uint64_t dropped = 0;    ///< Chooser::dropped()
    uint64_t undecided = 0;  ///< executions that say nothing: Verdict::limit and unsupported
    uint64_t steps = 0;
    uint64_t steps_min = ~uint64_t{0};
    uint64_t threads_max = 0;
    uint64_t backlog_max = 0;
    uint64_t count[16] = {};  ///< executions by verdict
    double done = 0;          ///< the weight of the executions
    Digest digest;            ///< of the executions, with Options::computes_digest
    uint64_t first_zero = 0;  ///< the first execution that ended with exit status 0
    CutCount cuts[cut_count];
    int32_t exit_status = 0;  ///< the first one other than 0
    Verdict verdict = Verdict::ok;
    bool has_diverged = false;
};

struct Tally {
    TallyNumbers numbers;
    KeptExecution found;        ///< that of the verdict, unless this is ok
    KeptExecution with_status;  ///< the first one that ended with an exit status other than 0
    std::string limitation;     ///< why the search had to begin anew as Mode::dfs
    std::string asymmetry;      ///< ... or without symmetry

    /// Has the verdict of an execution precedence over the one so far?
    bool is_first(Verdict verdict) const;
    void count_cut(Cut cut, uint64_t step, uint32_t thread, bool has_place);
    /// Adds a part that comes after this one.
    void add(const Tally& later);
    void save(Packer& packer) const;
    void load(Unpacker& unpacker);
};

}  // namespace weave
