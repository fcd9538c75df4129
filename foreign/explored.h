// A scenario of another tree's parts as the kit explores it: its assertions are its only oracle.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fuzz/kit/explored.h"

namespace foreign {

/// `Scenario` has `format`, decode(), describe(), seeds(), benchmark_inputs(), steps_min(), the
/// bytes `schedule`, and run(Meetings&), which counts what threads met. Not thread-safe, but for
/// what run() does.
template <class Scenario, class Meetings>
class Explored {
  public:
    static constexpr fuzz::ScheduleFormat format = Scenario::format;

    void decode(fuzz::Bytes input) { scenario_ = Scenario::decode(input); }
    fuzz::Bytes choices() const { return scenario_.schedule; }
    bool is_sc() const { return false; }
    uint64_t steps_min() const { return scenario_.steps_min(); }
    void run() { scenario_.run(meetings_); }
    std::optional<fuzz::Finding> judge() const { return std::nullopt; }

    static std::string describe(fuzz::Bytes input) { return Scenario::describe(input); }
    static std::vector<fuzz::Seed> seeds() { return Scenario::seeds(); }
    static std::vector<fuzz::Seed> benchmark_inputs() { return Scenario::benchmark_inputs(); }
    static std::vector<fuzz::StateCount> states() { return meetings_.states(); }

  private:
    Scenario scenario_{};
    inline static Meetings meetings_{};
};

}  // namespace foreign
