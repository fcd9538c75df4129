// The model of mailbox and wait list, as far as the scheduler's oracle needs it: messages in order,
// entries, conditions, and the errors that they raise.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fuzz/scheduler/scheduler_step_schedule.h"

namespace fuzz {

/// What a message is about.
struct ModelMessage {
    enum class Kind : uint8_t { condition, normal_done, unknown };

    Kind kind;
    bool is_published;
    uint64_t token;
    SlabCondition condition;
};

/// A task that waits.
struct ModelEntry {
    struct Condition {
        SlabCondition what;
        bool satisfied;
    };

    static constexpr size_t conditions_max = 64;

    uint64_t token;
    bool is_normal_done;
    uint32_t count;
    uint32_t open;
    std::array<Condition, conditions_max> conditions;
};

/// Mailbox and wait list of one run. complete(token) is called for each task that completes.
class SchedulerWaitModel {
  public:
    static constexpr size_t waiting_max = 64;
    static constexpr int32_t completion_invalid = 101;
    static constexpr int32_t wait_overflow = 102;
    static constexpr int32_t registration_failed = 103;

    void reset(bool is_a5, size_t capacity) {
        is_a5_ = is_a5;
        capacity_ = capacity;
        messages_.clear();
        taken_ = 0;
        waiting_ = 0;
        counters_.fill(0);
        records_.fill(false);
        error_ = 0;
        drained_ = 0;
    }

    size_t depth() const { return messages_.size() - taken_; }
    size_t room() const { return capacity_ - depth(); }
    size_t waiting() const { return waiting_; }
    int32_t error() const { return error_; }
    uint64_t drained() const { return drained_; }
    bool has_pending() const { return depth() != 0 || waiting_ != 0; }

    void push(const ModelMessage& message) { messages_.push_back(message); }
    void publish_gap(const SlabCondition& condition) {
        for (size_t i = taken_; i < messages_.size(); ++i) {
            if (!messages_[i].is_published) {
                messages_[i].is_published = true;
                messages_[i].condition = condition;
            }
        }
    }
    void set_counter(uint32_t counter, uint32_t value) { counters_[counter] = value; }
    void set_record(uint32_t record) { records_[record] = true; }

    /// One poll. Returns the error that it reports.
    template <class IsPending, class Complete>
    int32_t poll(IsPending&& is_pending, Complete&& complete) {
        if (error_ != 0) {
            return error_;
        }
        size_t taken = 0;
        while (error_ == 0 && taken < capacity_ && depth() != 0 && messages_[taken_].is_published) {
            const ModelMessage message = messages_[taken_++];
            ++taken;
            ++drained_;
            error_ = apply(message, is_pending, complete);
        }
        if (error_ == 0) {
            error_ = visit(complete);
        }
        return error_;
    }

  private:
    ModelEntry* find(uint64_t token) {
        for (size_t i = 0; i < waiting_; ++i) {
            if (entries_[i].token == token) {
                return &entries_[i];
            }
        }
        return nullptr;
    }

    template <class IsPending, class Complete>
    int32_t apply(const ModelMessage& message, IsPending& is_pending, Complete& complete) {
        ModelEntry* entry = find(message.token);
        switch (message.kind) {
            case ModelMessage::Kind::unknown:
                return registration_failed;
            case ModelMessage::Kind::condition:
                return add_condition(message, entry, complete);
            case ModelMessage::Kind::normal_done:
                break;
        }
        if (!is_pending(message.token)) {
            return registration_failed;
        }
        if (entry == nullptr) {
            complete(message.token);
            return 0;
        }
        if (entry->is_normal_done) {
            return registration_failed;
        }
        entry->is_normal_done = true;
        return 0;
    }

    template <class Complete>
    int32_t add_condition(const ModelMessage& message, ModelEntry* entry, Complete& complete) {
        if (entry == nullptr) {
            if (waiting_ == waiting_max) {
                const int32_t code = visit(complete);
                if (code != 0) {
                    return code;
                }
            }
            if (waiting_ == waiting_max) {
                return wait_overflow;
            }
            entry = &entries_[waiting_++];
            entry->token = message.token;
            entry->is_normal_done = false;
            entry->count = entry->open = 0;
        }
        if (entry->is_normal_done || entry->count == ModelEntry::conditions_max) {
            return registration_failed;
        }
        entry->conditions[entry->count++] = {message.condition, false};
        ++entry->open;
        return 0;
    }

    template <class Complete>
    int32_t visit(Complete& complete) {
        for (size_t i = waiting_; i-- > 0;) {
            const int32_t code = test(entries_[i]);
            if (code != 0) {
                return code;
            }
            if (entries_[i].is_normal_done && entries_[i].open == 0) {
                complete(entries_[i].token);
                --waiting_;
                if (i != waiting_) {
                    entries_[i] = entries_[waiting_];
                }
            }
        }
        return 0;
    }

    int32_t test(ModelEntry& entry) {
        for (uint32_t i = 0; i < entry.count; ++i) {
            ModelEntry::Condition& condition = entry.conditions[i];
            if (condition.satisfied) {
                continue;
            }
            bool holds = false;
            switch (condition.what.words) {
                case TaskWords::null:
                case TaskWords::unknown_type:
                    return completion_invalid;
                case TaskWords::counters:
                    holds = counters_[condition.what.word] >= condition.what.expected_value;
                    break;
                case TaskWords::records:
                    if (is_a5_) {
                        return completion_invalid;
                    }
                    holds = records_[condition.what.word];
                    // Retired: the next transfer has to set it again.
                    records_[condition.what.word] = false;
                    break;
            }
            condition.satisfied = holds;
            entry.open -= holds;
        }
        return 0;
    }

    bool is_a5_ = false;
    size_t capacity_ = 0;
    std::vector<ModelMessage> messages_;  ///< of the run, the first `taken_` of them drained
    size_t taken_ = 0;
    std::array<ModelEntry, waiting_max> entries_{};
    size_t waiting_ = 0;
    std::array<uint32_t, scheduler_counters_max> counters_{};
    std::array<bool, scheduler_records_max> records_{};
    int32_t error_ = 0;
    uint64_t drained_ = 0;
};

}  // namespace fuzz
