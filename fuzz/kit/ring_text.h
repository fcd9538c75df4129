// Where a mailbox's ring stands, as lines of text for the report of a hang.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

#include "src/runtime/mailbox.h"

namespace fuzz {

/// Lines about tickets that the text has at most; one more says that there are others.
inline constexpr uint32_t ring_text_lines_max = 16;

/// The cursors, and which of the tickets from the tail on are published. Any thread may call it
/// while the ring stands still. Empty for another tree's mailbox, whose slots are its own.
template <class Mailbox>
std::string describe_ring(const Mailbox& mailbox) {
    if constexpr (requires { mailbox.entries[0].seq; }) {
        // Relaxed, all three: the ring stands still, and the text orders nothing.
        const uint64_t head = mailbox.head.load(std::memory_order_relaxed);
        const uint64_t tail = mailbox.tail.load(std::memory_order_relaxed);
        const uint64_t cached = mailbox.cached_tail.load(std::memory_order_relaxed);
        std::string text = "  ring of " + std::to_string(Mailbox::capacity) + " slots: head " +
                           std::to_string(head) + ", tail " + std::to_string(tail) +
                           ", tail that producers saw " + std::to_string(cached) + "\n";
        const uint64_t used = head - tail;
        if (used > Mailbox::capacity) {
            text += static_cast<int64_t>(used) < 0
                        ? "  the tail is " + std::to_string(tail - head) + " past the head\n"
                        : "  the tickets in use are " + std::to_string(used - Mailbox::capacity) +
                              " more than the slots\n";
        }
        const auto published = [&](uint64_t ticket) {
            // Acquire: pairs with the release store that published the slot; the count of its
            // conditions is read below.
            return mailbox.entries[ticket & Mailbox::mask].seq.load(std::memory_order_acquire) ==
                   ticket + 1;
        };
        const uint64_t shown = std::min<uint64_t>(used, Mailbox::capacity);
        uint32_t lines = 0;
        for (uint64_t done = 0; done != shown;) {
            if (lines++ == ring_text_lines_max) {
                return text + "  and others\n";
            }
            const uint64_t first = tail + done;
            const bool is_published = published(first);
            uint64_t end = done;
            while (end != shown && published(tail + end) == is_published) {
                const uint32_t conditions =
                    is_published ? mailbox.entries[(tail + end) & Mailbox::mask].condition_count
                                 : 0;
                end += std::min<uint64_t>(pto::registration_slots(conditions), shown - end);
            }
            text += end - done == 1 ? "  ticket " + std::to_string(first)
                                    : "  tickets " + std::to_string(first) + " to " +
                                          std::to_string(tail + end - 1);
            text += is_published ? ": published\n" : ": not published\n";
            done = end;
        }
        return text;
    } else {
        return {};
    }
}

}  // namespace fuzz
