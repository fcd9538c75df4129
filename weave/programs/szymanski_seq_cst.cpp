// Szymanski's lock for two threads, all of it sequentially consistent: a thread that has announced
// itself passes the door with those that wait there, and closes the door after itself.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

enum State { outside, wishing, waiting_for_others, at_the_door, inside };

struct Lock {
    std::atomic<State> states[2] = {outside, outside};
    int count = 0;

    void enter(int me) {
        const int other = 1 - me;
        states[me] = wishing;
        while (states[other] > waiting_for_others) {
        }
        states[me] = at_the_door;
        if (states[other] == wishing) {
            states[me] = waiting_for_others;
            while (states[other] != inside) {
            }
        }
        states[me] = inside;
        while (me == 1 && states[0] >= waiting_for_others) {
        }
    }

    void leave(int me) {
        while (me == 0 && is_passing(states[1])) {
        }
        states[me] = outside;
    }

    static bool is_passing(State state) {
        return state == waiting_for_others || state == at_the_door;
    }
};

static void work(Lock& lock, int me) {
    lock.enter(me);
    ++lock.count;
    lock.leave(me);
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread other([&lock] { work(*lock, 1); });
    work(*lock, 0);
    other.join();
    assert(lock->count == 2);
}
