// The describer and the generator of mailbox_weave's inputs.
#include <random>

#include "foreign/mailbox_weave_scenario.h"

namespace fuzz {
namespace {

// More choices than most executions make: past the end of a schedule a run is nearly sequential.
constexpr size_t choices = 512;
constexpr int schedules_each = 4;

/// A header in which all producers push the same number of messages in bulks of the same size.
std::vector<uint8_t> header_of(uint8_t capacity, bool is_below_wrap, uint8_t batch,
                               uint8_t producers, uint8_t messages, uint8_t bulk) {
    const auto producer = static_cast<uint8_t>(messages - 1 + 4 * (bulk - 1));
    return {format_version,
            static_cast<uint8_t>(capacity / 4),  // 2, 4 and 8 are 0, 1 and 2
            static_cast<uint8_t>(is_below_wrap),
            static_cast<uint8_t>(batch - 1),
            static_cast<uint8_t>(producers - 1),
            producer,
            producer,
            producer};
}

}  // namespace

std::string MailboxScenario::describe() const {
    std::string text = "capacity " + std::to_string(capacity) + "\nfirst ticket " +
                       (is_below_wrap ? "3 below the wrap" : "0") + "\npops of up to " +
                       std::to_string(batch) + "\n";
    for (uint32_t i = 0; i < producer_count; ++i) {
        text += "producer " + std::to_string(i) + ": " + std::to_string(producers[i].messages) +
                " messages, up to " + std::to_string(producers[i].bulk) + " at once\n";
    }
    text += "choices:";
    for (const uint8_t choice : schedule) {
        text += " " + std::to_string(choice);
    }
    return text + "\n";
}

std::vector<Seed> MailboxScenario::seeds() {
    std::vector<Seed> seeds;
    std::minstd_rand random(1);
    const auto add = [&](const std::string& name, const std::vector<uint8_t>& header) {
        for (int number = 0; number < schedules_each; ++number) {
            std::vector<uint8_t> bytes = header;
            // The first has no choices: each thread runs as long as it can.
            for (size_t i = 0; number != 0 && i < choices; ++i) {
                bytes.push_back(static_cast<uint8_t>(random() >> 8));
            }
            seeds.push_back({name + "-" + std::to_string(number), bytes});
        }
    };
    add("one-producer", header_of(2, false, 1, 1, 4, 1));
    add("two-producers", header_of(4, true, 4, 2, 3, 1));
    add("two-producers-tiny", header_of(2, true, 2, 2, 3, 1));
    add("bulk", header_of(4, true, 4, 2, 4, 3));
    add("bulk-in-part", header_of(2, false, 2, 2, 4, 4));
    add("three-producers", header_of(4, false, 3, 3, 2, 2));
    add("three-producers-wide", header_of(8, true, 4, 3, 4, 2));
    return seeds;
}

}  // namespace fuzz
