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

  private:
    struct Choice {
        uint8_t chosen;
        uint8_t count;
    };

    unsigned take(unsigned count);
    void forget_rest();

    const int32_t preemptions_max_;
    int32_t preemptions_ = 0;
    bool has_begun_ = false;
    bool is_repeated_ = false;
    bool is_cut_ = false;  ///< a part of the tree was left out
    bool has_diverged_ = false;
    size_t at_ = 0;
    Growing<Choice, size_t{1} << 24> path_;
};

}  // namespace weave
