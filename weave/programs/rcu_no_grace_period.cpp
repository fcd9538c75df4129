// Read-copy-update whose writer frees the old object at once: a reader that has just found it reads
// it after it is freed.
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

    ~Shared() { delete current.load(); }

    int read() {
        const Object* const object = current.load();
        return object->value.load();
    }

    void replace(int value) { delete current.exchange(new Object{value}); }
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
