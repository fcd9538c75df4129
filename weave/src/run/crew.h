// The processes of Options::jobs. One of them leads: it hands out the parts of the search and
// collects what they give. Each worker is a copy of the process that leads, made between two
// executions, so it has the program and its variables at the same addresses.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weave {

/// What a worker and the process that leads both see.
struct Shared {
    std::atomic<bool> wants_gift;      ///< asks for a part of what the worker has
    std::atomic<bool> wants_snapshot;  ///< asks for what the worker has counted
    std::atomic<bool> wants_end;       ///< asks the worker to end its part now
    std::atomic<uint64_t> executions;  ///< of the worker's part in this run
    std::atomic<double> done;          ///< the weight of these
};

/// The worker's end of the line.
class Line {
  public:
    Line(int descriptor, Shared& shared) : descriptor_(descriptor), shared_(shared) {}

    Shared& shared() const { return shared_; }
    /// False if the other end is closed.
    bool receive(std::string& message) const;
    void send(const std::string& message) const;

  private:
    const int descriptor_;
    Shared& shared_;
};

class Crew {
  public:
    /// Forks `count` workers, each of which runs `work` and ends when that returns.
    Crew(unsigned count, const std::function<void(Line&)>& work);
    /// Ends the workers.
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    unsigned count() const { return static_cast<unsigned>(workers_.size()); }
    Shared& shared(unsigned worker) const { return *workers_[worker].shared; }
    void send(unsigned worker, const std::string& message) const;
    /// Waits for a message, for at most `milliseconds`. False if there was none. If a worker
    /// has ended on its own, this process ends in the same way.
    bool receive(int milliseconds, unsigned& worker, std::string& message) const;

  private:
    struct Worker {
        pid_t process;
        int descriptor;
        Shared* shared;
    };

    [[noreturn]] void end_as(const Worker& worker) const;

    std::vector<Worker> workers_;
};

}  // namespace weave
