// A reference count that is decremented relaxed: the last owner is not ordered after what the
// others did, and destroys the object meanwhile.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <thread>

struct Object {
    std::atomic<int> owners = 2;
    int part = 0;
    ~Object() { assert(part == 1); }
};

static void let_go(Object* object) {
    if (object->owners.fetch_sub(1, std::memory_order_relaxed) == 1) {
        delete object;
    }
}

int main() {
    Object* const object = new Object;
    std::thread first([object] {
        object->part = 1;
        let_go(object);
    });
    std::thread second([object] { let_go(object); });
    first.join();
    second.join();
}
