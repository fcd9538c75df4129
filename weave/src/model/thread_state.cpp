// Reads the stack of a thread, and the frames that it leads to.
#include "model/thread_state.h"

#include <algorithm>
#include <cstring>

#include "model/locals.h"
#include "run/execution.h"
#include "run/stacks.h"

namespace weave {

namespace {

// The registers that a called function must preserve lie right below the entry point's frame
// address.
constexpr size_t saved_registers = 5;

uint64_t word_at(uintptr_t address) {
    uint64_t word;
    std::memcpy(&word, reinterpret_cast<const void*>(address), sizeof word);
    return word;
}

/// Is it a number of units since the clock's zero that the program is likely to have got from it?
bool is_time(uint64_t word, uint64_t units_per_second) {
    constexpr uint64_t seconds_max = 10'000'000;  // 115 days
    return word / units_per_second - first_ns / ns_per_second < seconds_max;
}

bool is_others_write(const Access& access, unsigned thread) {
    return access.epoch != 0 && access.thread != thread;
}

/// Is the cell of an atomic object, or has another thread written to it last?
bool is_shared(const Cell& cell, unsigned thread) {
    if (cell.location != nullptr) {
        return true;
    }
    switch (cell.form) {
        case Cell::whole:
            return is_others_write(cell.last[0], thread);
        case Cell::halves:
            return is_others_write(cell.last[0], thread) || is_others_write(cell.last[2], thread);
        case Cell::list:
            return std::any_of(cell.accesses(), cell.accesses() + cell.access_count,
                               [&](const Access& access) {
                                   return access.kind == plain_write && access.thread != thread;
                               });
    }
    return false;
}

/// The registers that `frame` has saved, and the stack above it. Empty if it is another stack.
FrameRange stack_above(const Thread& thread, const void* frame) {
    const uintptr_t begin = reinterpret_cast<uintptr_t>(frame) - saved_registers * sizeof(uint64_t);
    const auto stack = reinterpret_cast<uintptr_t>(thread.stack);
    return {begin, begin - stack > stack_bytes ? begin : stack + stack_bytes};
}

/// Adds words, and the frames of the thread that they point to.
class Scan {
  public:
    Scan(Execution& execution, Sum& sum, uintptr_t object, const TimesOfState* times)
        : execution_(execution),
          sum_(sum),
          times_(times),
          thread_(execution.current().id),
          object_(object & ~uintptr_t{7}) {}

    void add_stack(uintptr_t begin, uintptr_t end) {
        if (execution_.locations.has_local()) {
            add_unshared(begin, end);
            return;
        }
        for (uintptr_t at = begin; at < end;) {
            at += add_words(at, end) * sizeof(uint64_t);
        }
    }
    /// False if there are too many.
    bool add_frames() {
        for (unsigned added = 0; added < count_; ++added) {
            add_unshared(frames_[added].begin, frames_[added].end);
        }
        return is_complete_;
    }

  private:
    static constexpr unsigned frames_max = 128;

    void add_unshared(uintptr_t begin, uintptr_t end) {
        for (uintptr_t at = begin; at < end;) {
            const Cell* const cell = execution_.cells.if_ready(at);
            const bool is_mine = at != object_ && (cell == nullptr || !is_shared(*cell, thread_));
            at += (is_mine ? add_words(at, end) : 1) * sizeof(uint64_t);
        }
    }
    /// Adds the word at `at`, or both of a timespec. Returns their number.
    size_t add_words(uintptr_t at, uintptr_t end) {
        const uint64_t word = word_at(at);
        if (times_ == nullptr) {
            add_word(word);
            return 1;
        }
        if (is_time(word, 1)) {
            const uint64_t next =
                at + sizeof word < end ? word_at(at + sizeof word) : ns_per_second;
            if (next < ns_per_second) {
                add_time(word * ns_per_second + next);
                return 2;
            }
            const bool is_left = word > times_->limit_ns / ns_per_second;
            sum_.add(is_left ? word - times_->now_ns / ns_per_second : 0);
        } else if (is_time(word, ns_per_second)) {
            add_time(word);
        } else {
            add_word(word == times_->limit_ns % ns_per_second ? 0 : word);
        }
        return 1;
    }
    void add_time(uint64_t ns) {
        const bool is_left = ns > times_->now_ns && ns != times_->limit_ns;
        sum_.add(is_left ? ns - times_->now_ns : 0);
    }
    void add_word(uint64_t word) {
        if (is_in_frames(word)) {
            add_pointer(word, word);
        } else if (is_in_shadow_of_frames(word)) {
            // A function keeps the address of its frame's shadow, ...
            add_pointer(word, frames_begin + (word - frames_shadow) * 8);
        } else if (is_in_frames(word * 8)) {
            // ... or what it adds a constant to for that.
            add_pointer(word, word * 8);
        } else {
            sum_.add(word);
        }
    }
    void add_pointer(uint64_t word, uintptr_t address) {
        FrameRange frame;
        switch (find_frame(address, thread_, frame)) {
            case FrameUse::own:
                return add_own(word, address, frame);
            case FrameUse::of_others:
                return sum_.add(word);
            case FrameUse::dead:
                return sum_.add(uint64_t{0});
        }
    }
    void add_own(uint64_t word, uintptr_t address, const FrameRange& frame) {
        unsigned number = 0;
        while (number < count_ && frames_[number].begin != frame.begin) {
            ++number;
        }
        if (number == frames_max) {
            is_complete_ = false;
            return;
        }
        if (number == count_) {
            frames_[count_++] = frame;
        }
        sum_.add(uint64_t{number});
        sum_.add(address - frame.begin);
        sum_.add(uint64_t{word == address});
    }

    Execution& execution_;
    Sum& sum_;
    const TimesOfState* const times_;
    const unsigned thread_;
    const uintptr_t object_;
    unsigned count_ = 0;
    bool is_complete_ = true;
    FrameRange frames_[frames_max];
};

}  // namespace

uint64_t left_until(uintptr_t address, uint64_t now_ns) {
    const uint64_t word = word_at(address);
    uint64_t ns = 0;
    if (is_time(word, ns_per_second)) {
        ns = word;
    } else if (is_time(word, 1)) {
        const uintptr_t next = address + sizeof word;
        const uint64_t rest = next % page_bytes == 0 ? 0 : word_at(next);
        ns = word * ns_per_second + (rest < ns_per_second ? rest : 0);
    }
    return ns > now_ns ? ns - now_ns : 0;
}

bool add_state(Execution& execution, Sum& sum, uintptr_t object, const void* frame,
               const TimesOfState* times) {
    const FrameRange stack = stack_above(execution.current(), frame);
    if (stack.begin == stack.end) {
        return false;
    }
    Scan scan(execution, sum, object, times);
    scan.add_stack(stack.begin, stack.end);
    return scan.add_frames();
}

StackWords words_of_state(Execution& execution, const void* frame) {
    if (frames_size != 0 || execution.locations.has_local()) {
        return {nullptr, 0};
    }
    const FrameRange stack = stack_above(execution.current(), frame);
    return {reinterpret_cast<const uint64_t*>(stack.begin),
            (stack.end - stack.begin) / sizeof(uint64_t)};
}

bool is_in_state(Execution& execution, uintptr_t address) {
    const Thread& thread = execution.current();
    const Cell* const cell = execution.cells.if_ready(address);
    return is_own_local(thread, address) && (cell == nullptr || !is_shared(*cell, thread.id));
}

bool is_own_local(const Thread& thread, uintptr_t address) {
    FrameRange frame;
    return is_on_stack(thread, address) ||
           (is_in_frames(address) && find_frame(address, thread.id, frame) == FrameUse::own);
}

}  // namespace weave
