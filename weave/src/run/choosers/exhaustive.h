// The chooser of Mode::exhaustive: one execution for each execution graph. A program that the
// search through graphs does not model is searched like Mode::dfs.
#pragma once

#include <cstdint>
#include <string>

#include "graph/graph_search.h"
#include "run/chooser.h"
#include "run/choosers/dfs.h"

namespace weave {

class ExhaustiveChooser final : public Chooser {
  public:
    /// A bound on preemptions has no meaning for graphs, so with one all executions are those of
    /// Mode::dfs. A negative number means without a bound. `is_symmetric`, `is_digesting`: see
    /// GraphSearch.
    ExhaustiveChooser(int32_t preemptions, bool is_symmetric, bool is_digesting);

    bool begin() override;
    void repeat() override;
    unsigned choose_thread(const Turn& turn) override { return dfs_.choose_thread(turn); }
    unsigned choose(Alternative kind, unsigned count) override;
    void end(uint64_t steps) override { dfs_.end(steps); }
    bool is_complete() const override;
    bool has_diverged() const override { return dfs_.has_diverged(); }
    GraphSearch* graph() override { return is_dfs_ ? nullptr : &graph_; }
    bool wants_repeat() override;
    bool wants_anew() const override {
        return !is_dfs_ && (graph_.unsupported() != nullptr || graph_.wants_anew());
    }
    bool was_blocked() const override { return !is_dfs_ && graph_.was_blocked(); }
    bool was_dropped() const override { return !is_dfs_ && graph_.was_dropped(); }
    const char* limitation() const override {
        return limitation_.empty() ? nullptr : limitation_.c_str();
    }
    const char* asymmetry() const override {
        return asymmetry_.empty() ? nullptr : asymmetry_.c_str();
    }
    LeftOut left_out() const override { return is_dfs_ ? dfs_.left_out() : LeftOut{}; }
    double done() const override { return is_dfs_ ? dfs_.done() : graph_.done(); }
    uint64_t dropped() const override { return graph_.dropped(); }
    Digest digest() override { return graph_.digest(); }
    bool can_be_saved() override;
    void save(Packer& packer) override;
    void load(Unpacker& unpacker) override;
    void save_anew(Packer& packer) override;
    bool give(Packer& packer, double weight_min) override;
    bool begin_anew() override;
    size_t child_count() override;
    void save_child(size_t child, Packer& packer) override;

  private:
    GraphSearch graph_;
    DfsChooser dfs_;
    std::string limitation_;
    std::string asymmetry_;
    bool is_dfs_ = false;
};

}  // namespace weave
