// The chooser of Mode::mix: others in turn, by the number of the execution.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <weave/weave.h>
#include "run/chooser.h"
#include "run/choosers/survey.h"

namespace weave {

/// No chooser finds every kind of fault soon; the one that is right for a fault comes soon here.
/// Those that learn share what they learn.
class MixChooser final : public Chooser {
  public:
    explicit MixChooser(const Options& options);

    bool begin() override;
    void repeat() override;
    void created(unsigned parent, unsigned child) override { current().created(parent, child); }
    unsigned choose_thread(const Turn& turn) override { return current().choose_thread(turn); }
    unsigned choose(Alternative kind, unsigned count) override {
        return current().choose(kind, count);
    }
    void end(uint64_t steps) override;
    Share share() const override;

  private:
    struct Part {
        Mode mode = Mode::mix;
        std::unique_ptr<Chooser> chooser;
        uint64_t executions = 0;  ///< so far, with the current one
    };

    Chooser& current() { return *parts_[current_].chooser; }

    Survey survey_;
    std::array<Part, 7> parts_;
    uint64_t execution_ = 0;  ///< number of those begun
    size_t current_ = 0;
};

}  // namespace weave
