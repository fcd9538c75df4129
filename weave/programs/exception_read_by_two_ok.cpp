// An exception that two detached threads throw again and read: the last owner frees it after the
// other one has read it, although the library counts the owners.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <exception>
#include <thread>
#include <utility>

struct Failure {
    int code;
};

static void look_at(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Failure& caught) {
        assert(caught.code == 5);
    }
}

int main() {
    std::exception_ptr failure = std::make_exception_ptr(Failure{5});
    std::thread first(look_at, failure);
    std::thread second(look_at, std::move(failure));
    first.detach();
    second.detach();
}
