// Objects that are published by several threads in slots of their own and used by the threads that
// find them: each pointer is released and acquired.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Object {
    int number;
};

struct Shared {
    std::atomic<Object*> places[2] = {nullptr, nullptr};

    ~Shared() {
        for (const std::atomic<Object*>& place : places) {
            delete place.load(std::memory_order_relaxed);
        }
    }

    void publish(int me) { places[me].store(new Object{me + 1}, std::memory_order_release); }

    void look() const {
        int expected = 1;
        for (const std::atomic<Object*>& place : places) {
            if (const Object* const object = place.load(std::memory_order_acquire)) {
                assert(object->number == expected);
            }
            ++expected;
        }
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { shared->publish(0); });
    std::thread second([&shared] { shared->publish(1); });
    std::thread third([&shared] { shared->look(); });
    first.join();
    second.join();
    third.join();
}
