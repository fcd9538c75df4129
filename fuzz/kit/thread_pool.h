// Real threads that live as long as the program and run one job each per
// schedule: starting a thread costs more than running a schedule.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace fuzz {

/// Runs `job(1) ... job(threads - 1)` on pooled threads and `job(0)` on the caller's, all at the
/// same time, and returns when all are done. Threads start with the first run() that needs them, so
/// none exists before a fuzzer forks. One caller at a time.
class ThreadPool {
  public:
    ThreadPool() = default;
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    ~ThreadPool() {
        job_ = nullptr;
        for (auto& worker : workers_) {
            wake(*worker);
            worker->thread.join();
        }
    }

    template <class Job>
    void run(uint32_t threads, Job&& job) {
        while (workers_.size() + 1 < threads) {
            workers_.push_back(std::make_unique<Worker>(*this, workers_.size() + 1));
        }
        context_ = &job;
        job_ = [](void* context, uint32_t index) { (*static_cast<Job*>(context))(index); };
        running_.store(threads, std::memory_order_relaxed);
        arrived_.store(0, std::memory_order_relaxed);
        threads_ = threads;
        for (uint32_t i = 1; i < threads; ++i) {
            wake(*workers_[i - 1]);
        }
        await_others(threads);
        job(0);
        running_.fetch_sub(1, std::memory_order_relaxed);
        // Acquire, here and in the wait: pairs with the release decrement in serve(); the workers'
        // writes are visible.
        while (const uint32_t left = running_.load(std::memory_order_acquire)) {
            running_.wait(left, std::memory_order_acquire);
        }
    }

  private:
    static constexpr int start_spins_max = 100;

    struct Worker {
        Worker(ThreadPool& pool, size_t index)
            : thread([this, &pool, index] { pool.serve(*this, static_cast<uint32_t>(index)); }) {}

        std::atomic<uint32_t> turn{0};
        /// Joined by the pool: to libc++ a thread that joins by itself is still an experiment.
        std::thread thread;
    };

    static void wake(Worker& worker) {
        // Release: pairs with the acquire wait in serve(); hands over job_ and what it refers to.
        worker.turn.fetch_add(1, std::memory_order_release);
        worker.turn.notify_one();
    }

    /// Lets the threads of a run start together, or nearly so: a thread that gets no processor in
    /// time is not waited for.
    void await_others(uint32_t threads) {
        // Relaxed: it shapes the timing and orders nothing.
        arrived_.fetch_add(1, std::memory_order_relaxed);
        for (int i = 0; i < start_spins_max; ++i) {
            if (arrived_.load(std::memory_order_relaxed) == threads) {
                return;
            }
        }
    }

    void serve(Worker& worker, uint32_t index) {
        for (uint32_t turn = 0;; ++turn) {
            // Acquire: pairs with the release increment in wake().
            worker.turn.wait(turn, std::memory_order_acquire);
            if (job_ == nullptr) {
                return;
            }
            await_others(threads_);
            job_(context_, index);
            // Release: pairs with the acquire accesses in run().
            if (running_.fetch_sub(1, std::memory_order_release) == 1) {
                running_.notify_one();
            }
        }
    }

    void (*job_)(void*, uint32_t) = nullptr;
    void* context_ = nullptr;
    uint32_t threads_ = 0;
    std::atomic<uint32_t> running_{0};
    std::atomic<uint32_t> arrived_{0};
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace fuzz
