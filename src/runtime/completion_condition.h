// One completion condition: a word in memory that a hardware engine changes when its work is done.
#pragma once

#include <atomic>
#include <cstdint>

#include "aicore_completion_mailbox_types.h"
#include "mailbox.h"
#include "pto_assert.h"

namespace pto {

enum class CompletionPollState : uint8_t { PENDING, READY, FAILED };

/// The result of testing a condition. `error_code` is PTO2_ERROR_NONE unless `state` is FAILED.
struct CompletionPollResult {
    CompletionPollState state;
    int32_t error_code;
};

/// What an SDMA engine writes when a transfer ends (a2a3). 16 bytes at an 8-byte boundary.
struct SdmaEventRecord {
    uint32_t flag;          ///< not 0 once the transfer is done; written last, with release
    uint32_t sq_tail;       ///< where the submission queue's tail has to move
    uint64_t channel_info;  ///< address of the channel's 64-bit tail register, or 0
};
static_assert(sizeof(SdmaEventRecord) == 16);

/// One condition of a waiting task. Used under the wait list's lock only; the memory at `addr` is
/// shared with an engine. Assign from a message with of().
template <class Platform>
struct CompletionCondition {
    uint32_t engine = 0;
    int32_t completion_type = COMPLETION_TYPE_COUNTER;
    bool satisfied = false;
    bool retired = false;
    uint32_t* counter_addr =
        nullptr;  ///< `addr` as a counter, to look at; `addr` is what is tested
    uint64_t addr = 0;
    uint64_t backend_cookie = 0;
    uint32_t expected_value = 0;

    /// The condition that a CONDITION message carries, not yet tested. Accepts any field values;
    /// test() reports what is wrong with them.
    static CompletionCondition of(const AICoreCompletionMsgView& message) noexcept {
        const bool is_counter = message.completion_type == COMPLETION_TYPE_COUNTER;
        return {message.engine,
                message.completion_type,
                false,
                false,
                is_counter ? at<uint32_t>(message.addr) : nullptr,
                message.addr,
                message.backend_cookie,
                message.expected_value};
    }

    /// Does the condition hold? READY for good once `satisfied`. FAILED with
    /// PTO2_ERROR_ASYNC_COMPLETION_INVALID for a null or misaligned address (4 bytes for a counter,
    /// 8 for a record) and for a type that the platform does not know.
    CompletionPollResult test() const noexcept {
        if (satisfied) {
            return {CompletionPollState::READY, PTO2_ERROR_NONE};
        }
        if (completion_type == COMPLETION_TYPE_COUNTER) {
            return test_word(4, addr, [this](uint32_t value) { return value >= expected_value; });
        }
        if constexpr (Platform::has_sdma_event_record) {
            if (completion_type == COMPLETION_TYPE_SDMA_EVENT_RECORD) {
                return test_word(8, addr, [](uint32_t flag) { return flag != 0; });
            }
        }
        return {CompletionPollState::FAILED, PTO2_ERROR_ASYNC_COMPLETION_INVALID};
    }

    /// Gives a satisfied condition's resources back to its engine; a second call does nothing.
    /// For an SDMA record: clears flag and tail for the next transfer, then moves the channel's
    /// tail. A non-null `channel_info` must be the address of an aligned 64-bit word.
    void retire() noexcept {
        if (retired) {
            return;
        }
        PTO_ASSERT(satisfied, completion_type, addr);
        retired = true;
        if constexpr (Platform::has_sdma_event_record) {
            if (completion_type == COMPLETION_TYPE_SDMA_EVENT_RECORD) {
                retire_record(*at<SdmaEventRecord>(addr));
            }
        }
    }

  private:
    template <class T>
    static T* at(uint64_t address) noexcept {
        return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
    }

    template <class Predicate>
    static CompletionPollResult test_word(uint64_t alignment, uint64_t address,
                                          Predicate holds) noexcept {
        if (address == 0 || address % alignment != 0) {
            return {CompletionPollState::FAILED, PTO2_ERROR_ASYNC_COMPLETION_INVALID};
        }
        uint32_t* const word = at<uint32_t>(address);
        Platform::cache_invalidate_range(word, sizeof *word);
        // Acquire: pairs with the engine's release store of this word; what the engine wrote
        // before it (the data moved, the rest of a record) is visible to the tasks that run next.
        const uint32_t value = std::atomic_ref<uint32_t>(*word).load(std::memory_order_acquire);
        return {holds(value) ? CompletionPollState::READY : CompletionPollState::PENDING,
                PTO2_ERROR_NONE};
    }

    static void retire_record(SdmaEventRecord& record) noexcept {
        PTO_ASSERT(reinterpret_cast<uintptr_t>(&record) % alignof(SdmaEventRecord) == 0, &record);
        Platform::cache_invalidate_range(&record, sizeof record);
        // Plain reads: the engine wrote them before the flag, which test() read with acquire.
        const uint64_t sq_tail = record.sq_tail;
        const uint64_t channel_info = record.channel_info;
        // Relaxed: the engine reads neither word until it sees the tail move (or, without a
        // channel, until a later doorbell, which is a release of its own).
        std::atomic_ref<uint32_t>(record.flag).store(0, std::memory_order_relaxed);
        std::atomic_ref<uint32_t>(record.sq_tail).store(0, std::memory_order_relaxed);
        Platform::cache_flush_range(&record, sizeof record);
        if (channel_info != 0) {
            uint64_t* const channel = at<uint64_t>(channel_info);
            PTO_ASSERT(channel_info % sizeof *channel == 0, channel);
            // Release: pairs with the engine's acquire load of its tail register; a record is
            // clear before the engine can reuse it.
            std::atomic_ref<uint64_t>(*channel).store(sq_tail << 32 | sq_tail,
                                                      std::memory_order_release);
            Platform::cache_flush_range(channel, sizeof *channel);
        }
    }
};

}  // namespace pto
