// The chooser of Mode::bytes: an input, such as a fuzzer's, decides a single execution.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/chooser.h"

namespace weave {

/// Each choice takes one byte, modulo the number of alternatives; after the last byte all choices
/// are 0, but for turns: there a thread that yields, or has had many turns in a row, gives way to
/// the next one, so that what waits for another thread in a loop comes to an end.
class BytesChooser final : public Chooser {
  public:
    /// The bytes have to outlive the chooser.
    BytesChooser(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

    bool begin() override;
    void repeat() override { is_done_ = false; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  private:
    /// Turns in a row that a thread gets at most after the last byte.
    static constexpr unsigned turns_in_a_row_max = 128;

    unsigned take(unsigned count);
    unsigned choose_without_bytes(const Turn& turn);

    const uint8_t* const bytes_;
    const size_t size_;
    size_t at_ = 0;
    bool is_done_ = false;
    unsigned last_thread_ = 0;
    unsigned turns_in_a_row_ = 0;
};

}  // namespace weave
