#include "run/choosers.h"

#include <algorithm>
#include <utility>

namespace weave {

namespace {

// Out of so many choices between stores, one is for the newest without more ado: an execution in
// which every load is stale gets nowhere.
constexpr unsigned newest_one_in = 2;

class RandomChooser : public Chooser {
  public:
    explicit RandomChooser(uint64_t seed) : seed_(seed) {}

    bool begin() override {
        random_ = Random(seed_, execution_++);
        return true;
    }
    unsigned choose_thread(const Turn& turn) override { return random_.below(turn.count()); }
    unsigned choose(Alternative, unsigned count) override { return random_.below(count); }

  protected:
    Random& random() { return random_; }

  private:
    const uint64_t seed_;
    uint64_t execution_ = 0;
    Random random_{0, 0};
};

/// Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic
/// Guarantees of Finding Bugs, ASPLOS 2010. The thread with the highest priority runs; at depth - 1
/// points the one that runs gets the lowest.
class PctChooser final : public RandomChooser {
  public:
    PctChooser(uint64_t seed, uint32_t depth)
        : RandomChooser(seed), changes_(std::min(depth, changes_max + 1) - (depth == 0 ? 0 : 1)) {}

    bool begin() override {
        RandomChooser::begin();
        std::fill(priorities_, priorities_ + threads_max, 0);
        lowest_ = first_low;
        for (uint32_t i = 0; i < changes_; ++i) {
            change_at_[i] = 1 + random().below(static_cast<unsigned>(steps_max_));
        }
        std::sort(change_at_, change_at_ + changes_);
        passed_ = 0;
        turns_in_a_row_ = 0;
        return true;
    }

    unsigned choose_thread(const Turn& turn) override {
        while (passed_ < changes_ && turn.step >= change_at_[passed_]) {
            ++passed_;
            priorities_[turn.current] = --lowest_;
        }
        if (turn.current_is_enabled() && gives_way(turn)) {
            priorities_[turn.current] = --lowest_;
        }
        unsigned best = turn.thread(0);
        for (unsigned i = 0; i < turn.count(); ++i) {
            const unsigned thread = turn.thread(i);
            if (priority(thread) > priority(best)) {
                best = thread;
            }
        }
        return turn.index_of(best);
    }

    unsigned choose(Alternative kind, unsigned count) override {
        return random().below(newest_one_in) == 0 ? 0 : RandomChooser::choose(kind, count);
    }

    void end(uint64_t steps) override {
        steps_max_ = std::max(steps_max_, std::min<uint64_t>(steps, 1u << 30));
    }

  private:
    static constexpr uint32_t changes_max = 32;
    static constexpr uint32_t first_low = 1u << 20;  // below it: priorities after a change
    // A thread that goes on and on while others could is one that polls.
    static constexpr uint32_t turns_in_a_row_max = 512;

    /// At a yield, and after so many turns.
    bool gives_way(const Turn& turn) {
        turns_in_a_row_ = turn.current == last_ ? turns_in_a_row_ + 1 : 1;
        last_ = turn.current;
        if (turns_in_a_row_ == turns_in_a_row_max) {
            turns_in_a_row_ = 0;
            return true;
        }
        return turn.pending[turn.current].kind == OperationKind::yield;
    }

    uint32_t priority(unsigned thread) {
        uint32_t& priority = priorities_[thread];
        if (priority == 0) {
            priority = first_low + 1 + random().below(1u << 30);
        }
        return priority;
    }

    const uint32_t changes_;
    uint32_t priorities_[threads_max] = {};
    uint32_t lowest_ = first_low;
    uint64_t change_at_[changes_max] = {};
    uint32_t passed_ = 0;
    uint32_t turns_in_a_row_ = 0;
    unsigned last_ = 0;
    uint64_t steps_max_ = 64;
};

/// Random, but one thread does not run from a random point on while any other can, for a while
/// that may be the rest of the execution.
class StarveChooser final : public RandomChooser {
  public:
    using RandomChooser::RandomChooser;

    bool begin() override {
        RandomChooser::begin();
        victim_ = random().below(threads_seen_);
        from_ = random().below(static_cast<unsigned>(steps_max_));
        to_ = from_ + 1 + random().below(static_cast<unsigned>(2 * steps_max_));
        return true;
    }

    unsigned choose_thread(const Turn& turn) override {
        threads_seen_ =
            std::max(threads_seen_, static_cast<unsigned>(std::bit_width(turn.enabled)));
        Turn others = turn;
        others.enabled &= ~(uint64_t{1} << victim_);
        if (turn.step < from_ || turn.step >= to_ || others.enabled == 0) {
            return RandomChooser::choose_thread(turn);
        }
        return turn.index_of(others.thread(random().below(others.count())));
    }

    void end(uint64_t steps) override {
        steps_max_ = std::max(steps_max_, std::min(steps, steps_learned_max));
    }

  private:
    // Polling while the victim does not run makes executions longer: what is learned from that
    // must not make them longer still.
    static constexpr uint64_t steps_learned_max = 2'000;

    unsigned threads_seen_ = 2;
    unsigned victim_ = 0;
    uint64_t from_ = 0;
    uint64_t to_ = 0;
    uint64_t steps_max_ = 32;
};

class BytesChooser final : public Chooser {
  public:
    BytesChooser(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

    bool begin() override {
        at_ = 0;
        return !std::exchange(is_done_, true);
    }
    unsigned choose_thread(const Turn& turn) override { return take(turn.count()); }
    unsigned choose(Alternative, unsigned count) override { return take(count); }

  private:
    unsigned take(unsigned count) { return at_ < size_ ? bytes_[at_++] % count : 0; }

    const uint8_t* const bytes_;
    const size_t size_;
    size_t at_ = 0;
    bool is_done_ = false;
};

/// Depth first through the tree of choices.
class ExhaustiveChooser final : public Chooser {
  public:
    explicit ExhaustiveChooser(int32_t preemptions) : preemptions_max_(preemptions) {}

    bool begin() override {
        at_ = 0;
        preemptions_ = 0;
        if (!has_begun_) {
            has_begun_ = true;
            return true;
        }
        while (!path_.empty() && path_.back().chosen + 1 == path_.back().count) {
            path_.pop();
        }
        if (path_.empty()) {
            return false;
        }
        ++path_.back().chosen;
        return true;
    }

    unsigned choose_thread(const Turn& turn) override {
        const bool may_preempt =
            !turn.current_is_enabled() || preemptions_max_ < 0 || preemptions_ < preemptions_max_;
        is_cut_ |= !may_preempt;
        const unsigned chosen = take(may_preempt ? turn.count() : 1);
        preemptions_ += turn.current_is_enabled() && chosen != 0 ? 1 : 0;
        return chosen;
    }
    unsigned choose(Alternative, unsigned count) override { return take(count); }
    bool is_complete() const override { return !is_cut_; }

  private:
    struct Choice {
        uint8_t chosen;
        uint8_t count;
    };

    unsigned take(unsigned count) {
        if (at_ < path_.size() && path_[at_].count != count) {
            forget_rest();
        }
        if (at_ == path_.size()) {
            path_.push({0, static_cast<uint8_t>(count)});
        }
        return path_[at_++].chosen;
    }

    /// The same choices have led elsewhere: something has outlived the execution before, such as a
    /// static variable in the body of explore(). What was to be tried from here on means nothing.
    void forget_rest() {
        is_cut_ = true;
        while (path_.size() > at_) {
            path_.pop();
        }
    }

    const int32_t preemptions_max_;
    int32_t preemptions_ = 0;
    bool has_begun_ = false;
    bool is_cut_ = false;
    size_t at_ = 0;
    Growing<Choice, size_t{1} << 24> path_;
};

}  // namespace

Random::Random(uint64_t seed, uint64_t stream) {
    uint64_t x = seed + stream * 0x9e3779b97f4a7c15;
    for (uint64_t& word : state_) {
        x += 0x9e3779b97f4a7c15;
        uint64_t z = x;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        word = z ^ z >> 31;
    }
}

uint64_t Random::next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::unique_ptr<Chooser> make_chooser(const Options& options) {
    switch (options.mode) {
        case Mode::random:
            return std::make_unique<RandomChooser>(options.seed);
        case Mode::pct:
            return std::make_unique<PctChooser>(options.seed, options.depth);
        case Mode::starve:
            return std::make_unique<StarveChooser>(options.seed);
        case Mode::exhaustive:
            return std::make_unique<ExhaustiveChooser>(options.preemptions);
        case Mode::bytes:
            return std::make_unique<BytesChooser>(options.bytes, options.bytes_size);
    }
    die("a mode that does not exist");
}

}  // namespace weave
