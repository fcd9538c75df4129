// A platform whose mailbox is so small that it is often full, and whose caches are coherent.
#pragma once

#include <cstddef>
#include <cstdint>

#include <completion_condition.h>

namespace verify {

template <uint32_t Capacity>
struct SmallPlatform {
    static constexpr uint32_t mailbox_capacity = Capacity;
    template <class Self>
    static constexpr pto::CompletionBackendOps<Self> completion_backends[] = {
        pto::counter_backend<Self>, pto::event_record_backend<Self>};

    static void cache_invalidate_range(const void*, size_t) noexcept {}
    static void cache_flush_range(const void*, size_t) noexcept {}
};

}  // namespace verify
