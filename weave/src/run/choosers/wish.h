// The chooser of Mode::bytes with wishes: an input decides a single execution, and asks for pairs
// of a load and the store that it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <weave/weave.h>
#include "run/choosers/bytes.h"
#include "run/sight.h"

namespace weave {

/// Chooses like BytesChooser, except for a read that a wish names. Its thread does not run as long
/// as the store is missing and another thread can run; when the store is there, the thread runs at
/// once, and reads it if it may.
///
/// The execution has all choice points (Settings::all_turns). Those that it would not have without
/// a wish take no byte, so that the others keep theirs.
class WishChooser final : public Chooser {
  public:
    /// Turns for which a thread waits for a store at most: others may run without an end.
    static constexpr unsigned held_turns_max = 1'000;

    /// The bytes have to outlive the chooser.
    WishChooser(Sight& sight, const uint8_t* bytes, size_t size,
                const std::vector<ReadWish>& wishes);

    bool begin() override;
    void repeat() override { bytes_.repeat(); }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;
    bool watches() const override { return true; }

  private:
    struct Wish {
        ReadWish asked;
        uint32_t reads = 0;       ///< of its thread so far
        unsigned held_turns = 0;  ///< turns that others have had instead
        bool is_held = false;
    };

    void look();
    void hold(const Turn& turn, ThreadSet& others);
    Wish* come_true(const Turn& turn);
    bool is_next(const Wish& wish) const { return wish.reads + 1 == wish.asked.read; }
    bool waits_to_read(const Wish& wish, const Turn& turn) const;
    std::optional<unsigned> alternative_of(const Wish& wish, uintptr_t object);

    Sight& sight_;
    BytesChooser bytes_;
    std::vector<Wish> wishes_;
    size_t seen_ = 0;  ///< events of the execution
};

}  // namespace weave
