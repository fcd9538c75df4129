// A program that holds both platforms, through the package's own include paths.
#include <pto/a2a3/platform.h>
#include <pto/a5/platform.h>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace {

template <class Platform>
class CountingScheduler final : public pto::CompletionScheduler<Platform> {
  public:
    int completed = 0;
    int released = 0;

    void on_mixed_task_complete(pto::PTO2TaskSlotState<Platform>&,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        ++completed;
    }
    void on_task_release(pto::PTO2TaskSlotState<Platform>&) noexcept override { ++released; }
};

/// One task with one condition, from its first message to its release.
template <class Platform>
bool one_task_completes() {
    using List = pto::AsyncWaitList<Platform>;
    const auto list = std::make_unique<List>();
    const auto mailbox = std::make_unique<typename List::Mailbox>();
    CountingScheduler<Platform> scheduler;
    uint32_t counter = 0;
    pto::PTO2TaskSlotState<Platform> slot{};
    int32_t release_count = 0;
    const auto poll = [&] {
        return list->template poll_and_complete<false>(mailbox.get(), &scheduler, nullptr, nullptr,
                                                       release_count, 0);
    };
    const bool pushed =
        mailbox->try_push_condition(1, reinterpret_cast<uintptr_t>(&counter), 1,
                                    pto::COMPLETION_ENGINE_SDMA, pto::COMPLETION_TYPE_COUNTER) &&
        mailbox->try_push_normal_done(1, reinterpret_cast<uintptr_t>(&slot));
    const bool waited = poll().completed == 0;
    counter = 1;
    return pushed && waited && poll().completed == 1 && scheduler.completed == 1 &&
           scheduler.released == 1;
}

}  // namespace

int main() {
    const bool works =
        one_task_completes<pto::a2a3::Platform>() && one_task_completes<pto::a5::Platform>();
    std::puts(works ? "both platforms complete their task" : "a task was not completed");
    return works ? 0 : 1;
}
