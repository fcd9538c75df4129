// A thread that reads an object after it has released its share: the other owner may have been the
// last and have freed it.
// verdict: use-after-free
// options: mode=random executions=20000
#include <atomic>
#include <thread>

struct Object {
    std::atomic<int> owners = 2;
    std::atomic<int> uses = 0;
};

static void use(Object* object) {
    const bool last = object->owners.fetch_sub(1) == 1;
    object->uses.fetch_add(1);
    if (last) {
        delete object;
    }
}

int main() {
    Object* const object = new Object;
    std::thread first([object] { use(object); });
    std::thread second([object] { use(object); });
    first.join();
    second.join();
}
