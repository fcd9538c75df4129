// One completion condition: a word in memory that a hardware engine changes when its work is done.
//
// What a condition of a type waits for is up to the type's backend. Each platform has a table of
// them, indexed by completion type; a new type is an entry there and nothing else.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

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

template <class Platform>
struct CompletionCondition;

/// What a completion type does. The thread that holds the wait list's lock makes both calls, so
/// neither may push into the mailbox, take that lock or wait.
template <class Platform>
struct CompletionBackendOps {
    /// Tests a condition that has not held yet. Changes nothing.
    CompletionPollResult (*poll)(const CompletionCondition<Platform>& condition) noexcept;
    /// Gives back to the engine what a condition that holds had from it. Called once for each.
    void (*retire)(CompletionCondition<Platform>& condition) noexcept;
};

/// The backend of a completion type, or null for a type that the platform does not know.
template <class Platform>
const CompletionBackendOps<Platform>* completion_backend_ops_for(int32_t completion_type) noexcept {
    constexpr auto& backends = Platform::template completion_backends<Platform>;
    const bool is_known =
        completion_type >= 0 && static_cast<size_t>(completion_type) < std::size(backends);
    return is_known ? &backends[completion_type] : nullptr;
}

/// One condition of a waiting task. Used under the wait list's lock only; the memory at `addr` is
/// shared with an engine. Assign from a message with of().
template <class Platform>
struct CompletionCondition {
    // In the order of a slab's entry, so that they are copied as they lie there.
    uint64_t addr = 0;
    uint64_t backend_cookie = 0;
    uint32_t expected_value = 0;
    uint32_t engine = 0;
    int32_t completion_type = COMPLETION_TYPE_COUNTER;
    bool satisfied = false;
    bool retired = false;
    uint32_t* counter_addr =
        nullptr;  ///< `addr` as a counter, to look at; `addr` is what is tested

    /// The condition that a CONDITION message carries, not yet tested. Accepts any field values;
    /// test() reports what is wrong with them.
    static CompletionCondition of(const AICoreCompletionMsgView& message) noexcept {
        return of_fields(message);
    }

    /// The same for an entry of a slab.
    static CompletionCondition of_entry(const DeferredCompletionEntry& entry) noexcept {
        return of_fields(entry);
    }

    /// Does the condition hold? READY for good once `satisfied`. FAILED with
    /// PTO2_ERROR_ASYNC_COMPLETION_INVALID if the type's backend cannot test it, and for a type
    /// that the platform does not know.
    CompletionPollResult test() const noexcept {
        if (satisfied) {
            return {CompletionPollState::READY, PTO2_ERROR_NONE};
        }
        const auto* const backend = completion_backend_ops_for<Platform>(completion_type);
        return backend == nullptr ? CompletionPollResult{CompletionPollState::FAILED,
                                                         PTO2_ERROR_ASYNC_COMPLETION_INVALID}
                                  : backend->poll(*this);
    }

    /// Gives a satisfied condition's resources back to its engine; a second call does nothing.
    void retire() noexcept {
        if (retired) {
            return;
        }
        PTO_ASSERT(satisfied, completion_type, addr);
        retired = true;
        if (const auto* const backend = completion_backend_ops_for<Platform>(completion_type)) {
            backend->retire(*this);
        }
    }

  private:
    template <class Source>
    static CompletionCondition of_fields(const Source& source) noexcept {
        const bool is_counter = source.completion_type == COMPLETION_TYPE_COUNTER;
        return {source.addr,
                source.backend_cookie,
                source.expected_value,
                source.engine,
                source.completion_type,
                false,
                false,
                is_counter ? reinterpret_cast<uint32_t*>(static_cast<uintptr_t>(source.addr))
                           : nullptr};
    }
};

/// For backends: the engine's word at an address, or nothing if that is null or not a multiple of
/// the word's size. What the engine wrote before the value is visible to the caller.
template <class Platform, class Word>
std::optional<Word> read_engine_word(uint64_t address) noexcept {
    if (address == 0 || address % sizeof(Word) != 0) {
        return std::nullopt;
    }
    Word* const word = reinterpret_cast<Word*>(static_cast<uintptr_t>(address));
    Platform::cache_invalidate_range(word, sizeof *word);
    // Acquire: pairs with the engine's release store of this word; what the engine wrote before
    // it, such as the data that it moved, is visible to the tasks that run next.
    return std::atomic_ref<Word>(*word).load(std::memory_order_acquire);
}

/// COMPLETION_TYPE_COUNTER: a 32-bit counter holds from `expected_value` on, unsigned. A null or
/// misaligned address fails with PTO2_ERROR_ASYNC_COMPLETION_INVALID.
template <class Platform>
CompletionPollResult poll_counter(const CompletionCondition<Platform>& condition) noexcept {
    const std::optional<uint32_t> count = read_engine_word<Platform, uint32_t>(condition.addr);
    if (!count) {
        return {CompletionPollState::FAILED, PTO2_ERROR_ASYNC_COMPLETION_INVALID};
    }
    const bool holds = *count >= condition.expected_value;
    return {holds ? CompletionPollState::READY : CompletionPollState::PENDING, PTO2_ERROR_NONE};
}

/// COMPLETION_TYPE_SDMA_EVENT_RECORD: a 64-bit record of the last transfer that ended holds from
/// `backend_cookie` on. It only grows, and several conditions may share it. A null or misaligned
/// address or a cookie of 0 fails with PTO2_ERROR_ASYNC_COMPLETION_INVALID.
template <class Platform>
CompletionPollResult poll_event_record(const CompletionCondition<Platform>& condition) noexcept {
    const std::optional<uint64_t> ended = read_engine_word<Platform, uint64_t>(condition.addr);
    if (!ended || condition.backend_cookie == 0) {
        return {CompletionPollState::FAILED, PTO2_ERROR_ASYNC_COMPLETION_INVALID};
    }
    const bool holds = *ended >= condition.backend_cookie;
    return {holds ? CompletionPollState::READY : CompletionPollState::PENDING, PTO2_ERROR_NONE};
}

/// The test of a record by itself: has the transfer `post_id` ended, as far as the record at
/// `record_addr` says? Fails as a condition would.
template <class Platform>
CompletionPollResult poll_sdma_post_done_record(uint64_t record_addr, uint64_t post_id) noexcept {
    CompletionCondition<Platform> condition;
    condition.addr = record_addr;
    condition.backend_cookie = post_id;
    return poll_event_record(condition);
}

/// For types whose conditions have nothing to give back.
template <class Platform>
void retire_nothing(CompletionCondition<Platform>&) noexcept {}

/// The backends of the types that every platform knows.
template <class Platform>
inline constexpr CompletionBackendOps<Platform> counter_backend = {&poll_counter<Platform>,
                                                                   &retire_nothing<Platform>};
template <class Platform>
inline constexpr CompletionBackendOps<Platform> event_record_backend = {
    &poll_event_record<Platform>, &retire_nothing<Platform>};

}  // namespace pto
