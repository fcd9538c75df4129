// Reading, writing and describing wishes; see the header.
#include "fuzz/kit/wishes.h"

#include <algorithm>

namespace fuzz {

std::vector<Wish> wishes_of(const ScheduleFormat& format, Bytes input) {
    std::vector<Wish> wishes;
    if (!format.has_wishes(input)) {
        return wishes;
    }
    const auto byte = [&](size_t index) -> uint32_t {
        return index < input.size() ? input[index] : 0;
    };
    for (size_t i = 0; i < format.wishes_max; ++i) {
        const size_t at = format.header_bytes + i * ScheduleFormat::wish_bytes;
        if (byte(at) != 0) {
            wishes.push_back({(byte(at) - 1) % moment_threads_max,
                              1 + byte(at + 1) + 256 * byte(at + 2),
                              byte(at + 3) % moment_threads_max, byte(at + 4)});
        }
    }
    return wishes;
}

std::vector<uint8_t> bytes_of(const Wish& wish) {
    const uint32_t read = std::clamp(wish.read, 1u, 0x1'0000u) - 1;
    return {static_cast<uint8_t>(1 + std::min(wish.thread, moment_threads_max - 1)),
            static_cast<uint8_t>(read), static_cast<uint8_t>(read >> 8),
            static_cast<uint8_t>(std::min(wish.writer, moment_threads_max - 1)),
            static_cast<uint8_t>(std::min(wish.store, 255u))};
}

std::string describe_wishes(const ScheduleFormat& format, Bytes input) {
    std::string text;
    for (const Wish& wish : wishes_of(format, input)) {
        text += "wish: read " + std::to_string(wish.read) + " of thread " +
                std::to_string(wish.thread) + " returns " +
                (wish.store == 0 ? "the initial value"
                                 : "store " + std::to_string(wish.store) + " of thread " +
                                       std::to_string(wish.writer) + " to that object") +
                "\n";
    }
    return text;
}

}  // namespace fuzz
