// An exception that two detached threads throw again and read: whoever lets go of it last frees it,
// which comes after what the other one has read, though the count of its owners is the library's.
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
