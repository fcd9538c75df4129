// The chooser of Mode::bytes: an input, such as a fuzzer's, decides a single execution.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/chooser.h"

namespace weave {

/// Each choice takes one byte, modulo the number of alternatives; after the last byte all choices
/// are 0.
class BytesChooser final : public Chooser {
  public:
    /// The bytes have to outlive the chooser.
    BytesChooser(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

    bool begin() override;
    void repeat() override { is_done_ = false; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  private:
    unsigned take(unsigned count);

    const uint8_t* const bytes_;
    const size_t size_;
    size_t at_ = 0;
    bool is_done_ = false;
};

}  // namespace weave
