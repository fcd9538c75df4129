// The chooser of Mode::exhaustive: one execution for each execution graph. A program that the
// search through graphs does not model is searched like Mode::dfs.
#pragma once

#include <cstdint>

#include "graph/graph_search.h"
#include "run/chooser.h"
#include "run/choosers/dfs.h"

namespace weave {

class ExhaustiveChooser final : public Chooser {
  public:
    /// A bound on preemptions has no meaning for graphs, so with one all executions are those of
    /// Mode::dfs. A negative number means without a bound.
    explicit ExhaustiveChooser(int32_t preemptions);

    bool begin() override;
    void repeat() override;
    unsigned choose_thread(const Turn& turn) override { return dfs_.choose_thread(turn); }
    unsigned choose(Alternative kind, unsigned count) override;
    void end(uint64_t steps) override { dfs_.end(steps); }
    bool is_complete() const override;
    bool has_diverged() const override { return dfs_.has_diverged(); }
    GraphSearch* graph() override { return is_dfs_ ? nullptr : &graph_; }
    bool wants_repeat() override;
    bool was_blocked() const override { return !is_dfs_ && graph_.was_blocked(); }
    bool was_dropped() const override { return !is_dfs_ && graph_.was_dropped(); }
    const char* limitation() const override { return limitation_; }

  private:
    GraphSearch graph_;
    DfsChooser dfs_;
    const char* limitation_ = nullptr;
    bool is_dfs_ = false;
};

}  // namespace weave
