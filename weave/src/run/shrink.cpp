// A list is smaller if fewer of its choices are not 0, then if it is shorter, then if its numbers
// are lower.
#include "run/shrink.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <tuple>
#include <utility>

namespace weave {

namespace {

using Choices = std::vector<uint8_t>;

auto size_of(const Choices& choices) {
    return std::tuple(std::count_if(choices.begin(), choices.end(), [](auto c) { return c != 0; }),
                      choices.size(), std::accumulate(choices.begin(), choices.end(), 0u));
}

void drop_last_zeros(Choices& choices) {
    while (!choices.empty() && choices.back() == 0) {
        choices.pop_back();
    }
}

class Shrinker {
  public:
    Shrinker(Choices choices, const std::function<bool(const Choices&)>& still_fails,
             const std::function<bool()>& may_continue)
        : best_(std::move(choices)), still_fails_(still_fails), may_continue_(may_continue) {
        drop_last_zeros(best_);
    }

    Choices run() {
        Choices before;
        do {
            before = best_;
            take({});
            for (size_t length = (best_.size() + 1) / 2; length != 0; length /= 2) {
                simplify_groups(length);
            }
            lower();
        } while (best_ != before && !is_over_);
        return best_;
    }

  private:
    /// Continues with the candidate if it is smaller and still fails.
    bool take(Choices candidate) {
        drop_last_zeros(candidate);
        if (is_over_ || size_of(candidate) >= size_of(best_)) {
            return false;
        }
        is_over_ = !may_continue_();
        if (is_over_ || !still_fails_(candidate)) {
            return false;
        }
        best_ = std::move(candidate);
        return true;
    }

    /// From the end, where most choices are after the finding's cause.
    void simplify_groups(size_t length) {
        for (size_t end = best_.size(); end != 0 && !is_over_;) {
            end = std::min(end, best_.size());
            const size_t begin = end < length ? 0 : end - length;
            Choices zeros = best_;
            std::fill(zeros.begin() + static_cast<ptrdiff_t>(begin),
                      zeros.begin() + static_cast<ptrdiff_t>(end), uint8_t{0});
            Choices without = best_;
            without.erase(without.begin() + static_cast<ptrdiff_t>(begin),
                          without.begin() + static_cast<ptrdiff_t>(end));
            if (!take(std::move(without))) {
                take(std::move(zeros));
            }
            end = begin;
        }
    }

    void lower() {
        for (size_t i = 0; i < best_.size() && !is_over_; ++i) {
            for (uint8_t value = 1; i < best_.size() && value < best_[i]; ++value) {
                Choices lower = best_;
                lower[i] = value;
                if (take(std::move(lower))) {
                    break;
                }
            }
        }
    }

    Choices best_;
    bool is_over_ = false;
    const std::function<bool(const Choices&)>& still_fails_;
    const std::function<bool()>& may_continue_;
};

}  // namespace

std::vector<uint8_t> shrink_choices(std::vector<uint8_t> choices,
                                    const std::function<bool(const Choices&)>& still_fails,
                                    const std::function<bool()>& may_continue) {
    return Shrinker(std::move(choices), still_fails, may_continue).run();
}

}  // namespace weave
