// The threads of one round: started together by a barrier, joined before their checks.
#pragma once

#include <barrier>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "stress/support/run.h"

namespace stress {

/// Threads of a round, by role. Only the job's own thread uses it.
class Crew {
  public:
    /// What one thread does, with its place and its number within its role.
    using Work = std::function<void(Worker&, uint32_t)>;

    explicit Crew(Run& run) : run_(run) {}

    /// Adds `count` threads that do the same. `role` must live forever. A round has at most
    /// workers_max threads; one more ends the program.
    void add(const char* role, uint32_t count, const Work& work) {
        for (uint32_t i = 0; i < count; ++i) {
            members_.push_back({role, i, work});
        }
        if (members_.size() > workers_max) {
            std::abort();
        }
    }

    /// Runs all of them at once; returns when the last has ended. What happened before the
    /// call is visible to them, and what they did is visible after it.
    void work_together() {
        std::barrier start(static_cast<std::ptrdiff_t>(members_.size()));
        std::vector<std::jthread> threads;
        for (uint32_t place = 0; place < members_.size(); ++place) {
            Member& member = members_[place];
            Worker& worker = run_.worker(place);
            worker.begin(member.role, member.index, run_.random(first_stream + place));
            threads.emplace_back([&] {
                start.arrive_and_wait();
                member.work(worker, member.index);
                worker.end();
            });
        }
    }

  private:
    struct Member {
        const char* role;
        uint32_t index;
        Work work;
    };

    // Stream 0 is the job's own.
    static constexpr uint64_t first_stream = 1;

    Run& run_;
    std::vector<Member> members_;
};

}  // namespace stress
