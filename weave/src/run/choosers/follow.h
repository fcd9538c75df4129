// The chooser that follows the operations of an execution of another build, in which there may be
// more operations, or fewer.
#pragma once

#include <span>
#include <vector>

#include "run/chooser.h"
#include "run/operations.h"
#include "run/random.h"
#include "run/sight.h"

namespace weave {

/// The thread of the next kept operation runs, and a load reads the store that is kept for it. An
/// operation that is not kept is taken for a new one, kept ones that do not come for old ones that
/// are gone. The first execution follows in everything; in later ones a choice in 64 is drawn at
/// random, down to one in 2.
class FollowChooser final : public Chooser {
  public:
    /// `operations` have to outlive the chooser.
    FollowChooser(Sight& sight, std::span<const KeptOperation> operations);

    bool begin() override;
    void repeat() override { --execution_; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  private:
    static constexpr size_t none = ~size_t{0};

    void look();
    bool is_drawn() { return drawn_one_in_ != 0 && random_.below(drawn_one_in_) == 0; }
    /// The index of a thread's first kept operation from `begin` on; none if there is none.
    size_t next_of(unsigned thread, size_t begin) const;

    Sight& sight_;
    const std::span<const KeptOperation> operations_;
    std::vector<size_t> next_;  ///< by thread: its next kept operation
    size_t seen_ = 0;           ///< events that next_ includes
    uint64_t execution_ = 0;
    unsigned drawn_one_in_ = 0;
    Random random_{0, 0};
};

}  // namespace weave
