// Two threads that copy and drop shared pointers to one object, and one that asks for it by a weak
// pointer: it is destroyed once, after its last owner.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <thread>

struct Object {
    explicit Object(int* destroyed_at) : destroyed(destroyed_at) {}
    ~Object() { ++*destroyed; }
    int value = 7;
    int* destroyed;
};

int main() {
    const auto destroyed = std::make_unique<int>(0);
    auto object = std::make_shared<Object>(destroyed.get());
    std::thread first([own = object]() mutable {
        const std::shared_ptr<Object> copy = own;
        own.reset();
        assert(copy->value == 7);
    });
    std::thread second([weak = std::weak_ptr<Object>(object)] {
        if (const std::shared_ptr<Object> seen = weak.lock()) {
            assert(seen->value == 7);
        }
    });
    object.reset();
    first.join();
    second.join();
    assert(*destroyed == 1);
}
