// Hazard pointers whose reader does not load again after its announcement: the object may have been
// replaced and freed between its first load and that.
// verdict: use-after-free
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Object {
    std::atomic<int> value;
};

struct Shared {
    std::atomic<Object*> current = new Object{1};
    std::atomic<Object*> hazard = nullptr;

    ~Shared() { delete current.load(); }

    int read() {
        Object* const object = current.load();
        hazard.store(object);
        const int value = object->value.load();
        hazard.store(nullptr);
        return value;
    }

    void replace(int value) {
        Object* const old = current.exchange(new Object{value});
        while (hazard.load() == old) {
        }
        delete old;
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread reader([&shared] {
        const int value = shared->read();
        assert(value == 1 || value == 2);
    });
    std::thread writer([&shared] { shared->replace(2); });
    reader.join();
    writer.join();
}
