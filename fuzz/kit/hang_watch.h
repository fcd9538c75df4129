// Notices that an input never ends, and says where the code under test stands then. A fuzzer's own
// limit of time would only end the program.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace fuzz {

/// The input that a target runs has this long; less than a fuzzer or a replay gives it.
inline constexpr uint32_t hang_seconds_max = 15;

/// Says what holds the code under test up, as lines of text, while the object lives. `describe()`
/// is called by another thread, and at most once. One object at a time.
class DescribedHang {
  public:
    template <class Describe>
    explicit DescribedHang(const Describe& describe)
        : context_(&describe),
          text_([](const void* context) { return (*static_cast<const Describe*>(context))(); }) {
        // Release: pairs with the acquire load in text().
        current_.store(this, std::memory_order_release);
    }
    ~DescribedHang() { current_.store(nullptr, std::memory_order_relaxed); }
    DescribedHang(const DescribedHang&) = delete;
    DescribedHang& operator=(const DescribedHang&) = delete;

    /// What the object that lives now says; empty if there is none.
    static std::string text();

  private:
    static std::atomic<const DescribedHang*> current_;

    const void* context_;
    std::string (*text_)(const void* context);
};

/// Reports the finding "hang" of the target that is watched, with what DescribedHang says. Any
/// thread.
[[noreturn]] void report_hang(const std::string& sentence);

/// A thread that looks every second whether the same input still runs, and reports one that has run
/// for `seconds` looks in a row. It starts with the object, so a fuzzer has forked before. It
/// stands still when the program does, so a busy machine makes no hang. One in a program, for as
/// long as the program lives. There is no thread under AFL++, which stops and continues every
/// thread around each input; the replay of an input that it saves says the same.
class HangWatch {
  public:
    explicit HangWatch(const char* target, uint32_t seconds = hang_seconds_max);
    HangWatch(const HangWatch&) = delete;
    HangWatch& operator=(const HangWatch&) = delete;

    /// An input that runs while the object lives.
    class Input {
      public:
        explicit Input(HangWatch& watch) : watch_(watch) { watch_.next_turn(); }
        ~Input() { watch_.next_turn(); }
        Input(const Input&) = delete;
        Input& operator=(const Input&) = delete;

      private:
        HangWatch& watch_;
    };

  private:
    void next_turn() {
        // Relaxed: it orders nothing, and only this thread stores it.
        turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    void look_every_second() const;

    uint32_t seconds_;
    std::atomic<uint64_t> turns_{0};  ///< odd while an input runs
};

}  // namespace fuzz
