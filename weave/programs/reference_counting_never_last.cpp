// A reference count that is decremented by a load and a store: two owners may both see the same
// count, so that neither is the last, and the object is lost.
// verdict: leak
// options: mode=random executions=20000
#include <atomic>
#include <thread>

struct Object {
    std::atomic<int> owners = 2;
};

static void let_go(Object* object) {
    const int rest = object->owners.load() - 1;
    if (rest == 0) {
        delete object;
    } else {
        object->owners.store(rest);
    }
}

int main() {
    Object* const object = new Object;
    std::thread first([object] { let_go(object); });
    std::thread second([object] { let_go(object); });
    first.join();
    second.join();
}
