// An object that counts its owners under a lock of its own: the last one destroys it with the lock
// in it, and then unlocks.
// verdict: use-after-free
// options: mode=random executions=20000
#include <mutex>
#include <thread>

struct Object {
    std::mutex mutex;
    int owners = 2;
};

static void let_go(Object* object) {
    const std::lock_guard guard(object->mutex);
    if (--object->owners == 0) {
        delete object;
    }
}

int main() {
    Object* const object = new Object;
    std::thread other([object] { let_go(object); });
    let_go(object);
    other.join();
}
