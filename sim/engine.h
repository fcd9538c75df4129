// Hardware completion engines of the simulated platforms: they finish work after the kernel that
// began it has returned, and write that to memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <queue>
#include <vector>

#include "src/runtime/pto_assert.h"

namespace pto::sim {

/// A piece of work that ends at `due_ns`.
struct EngineWork {
    enum class Kind : uint8_t { ADD_TO_COUNTER, ADD_TO_RECORD };

    uint64_t due_ns;
    Kind kind;
    uint64_t addr;
    /// What the 32-bit counter or the 64-bit record at `addr` grows by.
    uint32_t value = 1;
    /// Data that the work moves before it says that it is done: `data_value` is added to the word
    /// at `data`, unless that is null.
    uint64_t* data = nullptr;
    uint64_t data_value = 0;
};

/// Work that has not ended yet, of all engines of a machine. Any thread may call any function.
class EngineQueue {
  public:
    void post(const EngineWork& work) {
        PTO_ASSERT(work.addr != 0 && work.addr % alignment_of(work.kind) == 0, work.addr,
                   work.kind);
        const std::lock_guard lock(mutex_);
        pending_.push({work, next_number_++});
    }

    /// Ends everything that is due. Returns how much that was.
    uint32_t run_due(uint64_t now_ns) {
        uint32_t ended = 0;
        for (std::optional<EngineWork> work = take_due(now_ns); work; work = take_due(now_ns)) {
            finish(*work);
            ++ended;
        }
        return ended;
    }

    /// When the next work is due, if there is any.
    std::optional<uint64_t> next_due_ns() const {
        const std::lock_guard lock(mutex_);
        return pending_.empty() ? std::nullopt : std::optional(pending_.top().work.due_ns);
    }

    void clear() {
        const std::lock_guard lock(mutex_);
        pending_ = {};
    }

  private:
    struct Entry {
        EngineWork work;
        uint64_t number;

        /// Earliest first; what was posted first, among those that are due together.
        bool operator<(const Entry& other) const noexcept {
            return work.due_ns != other.work.due_ns ? work.due_ns > other.work.due_ns
                                                    : number > other.number;
        }
    };

    static uint64_t alignment_of(EngineWork::Kind kind) noexcept {
        return kind == EngineWork::Kind::ADD_TO_RECORD ? sizeof(uint64_t) : sizeof(uint32_t);
    }

    std::optional<EngineWork> take_due(uint64_t now_ns) {
        const std::lock_guard lock(mutex_);
        if (pending_.empty() || pending_.top().work.due_ns > now_ns) {
            return std::nullopt;
        }
        const EngineWork work = pending_.top().work;
        pending_.pop();
        return work;
    }

    static void finish(const EngineWork& work) noexcept {
        if (work.data != nullptr) {
            // Relaxed: the word that says "done" publishes it.
            std::atomic_ref<uint64_t>(*work.data)
                .fetch_add(work.data_value, std::memory_order_relaxed);
        }
        switch (work.kind) {
            case EngineWork::Kind::ADD_TO_COUNTER:
                // Release: pairs with the acquire load in read_engine_word().
                std::atomic_ref<uint32_t>(*at<uint32_t>(work.addr))
                    .fetch_add(work.value, std::memory_order_release);
                break;
            case EngineWork::Kind::ADD_TO_RECORD:
                // Release: as above.
                std::atomic_ref<uint64_t>(*at<uint64_t>(work.addr))
                    .fetch_add(work.value, std::memory_order_release);
                break;
        }
    }

    template <class T>
    static T* at(uint64_t address) noexcept {
        return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
    }

    mutable std::mutex mutex_;
    std::priority_queue<Entry> pending_;
    uint64_t next_number_ = 0;
};

}  // namespace pto::sim
