// A reference count that is decremented with release, and an acquire fence for the last one: what
// each owner did happens before the object is destroyed.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <thread>

struct Object {
    std::atomic<int> owners = 1;
    int parts[2] = {};
    ~Object() { assert(parts[0] == 1 && parts[1] == 2); }
};

static Object* share(Object* object) {
    object->owners.fetch_add(1, std::memory_order_relaxed);
    return object;
}

static void let_go(Object* object) {
    if (object->owners.fetch_sub(1, std::memory_order_release) == 1) {
        std::atomic_thread_fence(std::memory_order_acquire);
        delete object;
    }
}

int main() {
    Object* const object = new Object;
    std::thread first([own = share(object)] {
        own->parts[0] = 1;
        let_go(own);
    });
    std::thread second([own = share(object)] {
        own->parts[1] = 2;
        let_go(own);
    });
    let_go(object);
    first.join();
    second.join();
}
