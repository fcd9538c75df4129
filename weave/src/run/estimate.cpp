// Stochastic enumeration (Rubinstein, "Stochastic enumeration method for counting NP-hard
// problems", Methodology and Computing in Applied Probability 15, 2013), which is the estimator of
// Knuth
// ("Estimating the efficiency of backtrack programs", Mathematics of Computation 29, 1975) with
// many paths at a time. An execution leaves parts of the search to be explored, each of which
// begins with an execution, and so on. Of all parts that one level of this tree leaves, some are
// drawn for the next one; the number of all of them is known. So each sample is right on average.
// Mean and variance are kept as in Welford, "Note on a method for calculating corrected sums of
// squares and products", Technometrics 4, 1962.
#include "run/estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "run/pack.h"
#include "run/random.h"
#include "run/seconds.h"

namespace weave {

namespace {

/// A number to two digits that count.
double rounded(double number) {
    if (number < 100) {
        return std::round(number);
    }
    const double unit = std::pow(10, std::floor(std::log10(number)) - 1);
    return std::round(number / unit) * unit;
}

}  // namespace

std::string with_commas(double number) {
    char digits[64];
    if (number >= 1e15) {
        std::snprintf(digits, sizeof digits, "%.1e", number);
        return digits;
    }
    std::snprintf(digits, sizeof digits, "%.0f", number);
    std::string text = digits;
    for (size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string time_text(double seconds) {
    const auto text = [](double number, const char* unit) {
        return with_commas(std::max(1.0, rounded(number))) + unit;
    };
    return seconds < 1         ? "less than 1 s"
           : seconds < 100     ? text(seconds, " s")
           : seconds < 6000    ? text(seconds / 60, " min")
           : seconds < 172'800 ? text(seconds / 3600, " h")
                               : text(seconds / 86'400, " days");
}

std::string text_of(const Estimate& estimate) {
    return "about " + with_commas(rounded(estimate.executions)) + " executions, " +
           with_commas(rounded(estimate.low)) + " to " + with_commas(rounded(estimate.high)) +
           (estimate.seconds < 1 ? "; " : "; about ") + time_text(estimate.seconds);
}

namespace {

class Sampler {
  public:
    Sampler(Chooser& chooser, uint64_t seed, const std::function<bool()>& execute,
            const std::function<bool()>& wants_end)
        : chooser_(chooser), random_(seed, 0), execute_(execute), wants_end_(wants_end) {}

    /// Draws at most `width` parts of each level. False if nothing can be said.
    bool sample(size_t width, double& total) {
        total = 0;
        double level_size = 1;
        std::vector<std::string> level;
        for (bool is_root = true; is_root || !level.empty(); is_root = false) {
            size_t run = 0;
            drawn_.clear();
            children_ = 0;
            for (size_t i = 0; i < (is_root ? 1 : level.size()); ++i) {
                if (!(is_root ? chooser_.begin_anew() : begin(level[i]))) {
                    continue;
                }
                if (!execute_()) {
                    return false;
                }
                run += chooser_.was_dropped() ? 0 : 1;
                ++executions_;
                draw_children(width);
                if (wants_end_()) {
                    return false;
                }
            }
            const auto size = static_cast<double>(is_root ? 1 : level.size());
            total += level_size * static_cast<double>(run) / size;
            level_size *= static_cast<double>(children_) / size;
            level = std::move(drawn_);
        }
        return true;
    }

    uint64_t executions() const { return executions_; }

  private:
    bool begin(const std::string& plan) {
        Unpacker unpacker(plan);
        chooser_.load(unpacker);
        return chooser_.begin();
    }

    /// Each part of the level gets the same chance (Vitter, "Random sampling with a reservoir", ACM
    /// Transactions on Mathematical Software 11, 1985).
    void draw_children(size_t width) {
        const size_t count = chooser_.can_be_saved() ? chooser_.child_count() : 0;
        for (size_t child = 0; child < count; ++child) {
            ++children_;
            size_t place = drawn_.size();
            if (place == width) {
                place = random_.below(static_cast<unsigned>(children_));
                if (place >= width) {
                    continue;
                }
            } else {
                drawn_.emplace_back();
            }
            Packer packer;
            chooser_.save_child(child, packer);
            drawn_[place] = packer.bytes();
        }
    }

    Chooser& chooser_;
    Random random_;
    const std::function<bool()>& execute_;
    const std::function<bool()>& wants_end_;
    std::vector<std::string> drawn_;
    size_t children_ = 0;
    uint64_t executions_ = 0;
};

struct Mean {
    double mean = 0;
    double squares = 0;
    uint64_t count = 0;

    void add(double sample) {
        ++count;
        const double distance = sample - mean;
        mean += distance / static_cast<double>(count);
        squares += distance * (sample - mean);
    }
    double standard_error() const {
        return count < 2 ? mean
                         : std::sqrt(squares / static_cast<double>(count - 1) /
                                     static_cast<double>(count));
    }
};

}  // namespace

Estimate estimate(Chooser& chooser, uint64_t seed, const std::function<bool()>& execute,
                  const std::function<bool()>& wants_end) {
    constexpr uint64_t samples = 10;
    constexpr uint64_t executions_wanted = 50'000;
    constexpr size_t first_width = 8;
    // 99.8 % of the t distribution of ten samples.
    constexpr double errors = 4.3;
    Estimate result;
    Sampler sampler(chooser, seed, execute, wants_end);
    const double begin = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    // Wider samples, as long as they are cheap: the same number of them says more.
    for (size_t width = first_width; sampler.executions() < executions_wanted; width *= 4) {
        Mean mean;
        double total = 0;
        while (mean.count < samples && sampler.sample(width, total)) {
            mean.add(total);
        }
        if (mean.count < samples && (mean.count < 2 || result.samples != 0)) {
            break;
        }
        const double error = errors * mean.standard_error();
        result.samples = mean.count;
        result.executions = mean.mean;
        result.low = mean.mean / (1 + error / mean.mean);
        result.high = mean.mean + error;
        if (error == 0 || mean.count < samples) {
            break;
        }
    }
    result.seconds = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - begin) /
                     static_cast<double>(std::max<uint64_t>(sampler.executions(), 1)) *
                     result.executions;
    return result;
}

}  // namespace weave
