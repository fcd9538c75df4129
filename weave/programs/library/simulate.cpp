// __tsan_simulate() explores a callback: it finds a race, and nothing in the same code with a lock.
// The callback's argument is passed on, and a call inside an execution is a plain one.
#include <pthread.h>

#include <cstdio>

extern "C" int __tsan_simulate(void (*callback)(void*), void* argument);

namespace {

struct Account {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    bool is_locked = false;
    int balance = 0;
};

void* add_one(void* of) {
    auto& account = *static_cast<Account*>(of);
    if (account.is_locked) {
        pthread_mutex_lock(&account.lock);
    }
    ++account.balance;
    if (account.is_locked) {
        pthread_mutex_unlock(&account.lock);
    }
    return nullptr;
}

void two_threads(void* account) {
    pthread_t threads[2];
    for (pthread_t& thread : threads) {
        pthread_create(&thread, nullptr, add_one, account);
    }
    for (const pthread_t thread : threads) {
        pthread_join(thread, nullptr);
    }
}

void nested(void* account) {
    if (__tsan_simulate(two_threads, account) != 0) {
        static_cast<Account*>(account)->balance = -1;
    }
}

bool expect(const char* what, int found, int expected) {
    if (found != expected) {
        std::fprintf(stderr, "%s: %d, expected %d\n", what, found, expected);
    }
    return found == expected;
}

Account account;

}  // namespace

int main() {
    bool is_right = expect("without a lock", __tsan_simulate(two_threads, &account), 1);
    account.is_locked = true;
    is_right &= expect("with a lock", __tsan_simulate(two_threads, &account), 0);
    is_right &= expect("inside an execution", __tsan_simulate(nested, &account), 0);
    return is_right ? 0 : 1;
}
