// The chooser of Mode::dfs: depth first through the tree of choices.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"
#include "run/chooser.h"

namespace weave {

class DfsChooser final : public Chooser {
  public:
    /// `preemptions` bounds the switches away from a thread that could continue, in each execution;
    /// a negative number means without a bound.
    explicit DfsChooser(int32_t preemptions) : preemptions_max_(preemptions) {}

    bool begin() override;
    void repeat() override { is_repeated_ = true; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;
    bool is_complete() const override { return !is_cut_; }
    bool has_diverged() const override { return has_diverged_; }
    LeftOut left_out() const override { return left_out_; }
    double done() const override { return done_; }
    bool can_be_saved() override { return !is_repeated_; }
    void save(Packer& packer) override;
    /// The same for a search that has not begun.
    static void save_root(Packer& packer);
    void load(Unpacker& unpacker) override;
    bool give(Packer& packer, double weight_min) override;
    bool begin_anew() override;
    size_t child_count() override;
    void save_child(size_t child, Packer& packer) override;

  private:
    struct Choice {
        double weight;  ///< of the executions with this path up to this choice
        uint8_t chosen;
        uint8_t count;
        uint8_t end;  ///< the alternatives from here on are not this search's
    };

    unsigned take(unsigned count);
    void settle();
    void put_path(Packer& packer, size_t last, uint8_t chosen, uint8_t end) const;
    void forget_rest();

    const int32_t preemptions_max_;
    int32_t preemptions_ = 0;
    bool has_begun_ = false;
    bool is_repeated_ = false;
    bool is_cut_ = false;  ///< a part of the tree was left out
    bool has_diverged_ = false;
    bool is_settled_ = false;  ///< the weight of the last execution is counted
    double done_ = 0;
    LeftOut left_out_;        ///< of the last execution
    size_t loaded_size_ = 0;  ///< of the path that load() has begun with
    size_t at_ = 0;
    Growing<Choice, size_t{1} << 24> path_;
};

}  // namespace weave
