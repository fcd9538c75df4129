// Threads that throw and catch at the same time, and hand the exception over to their starter,
// which throws it again.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

static void fail(int depth) {
    const std::string name = "depth " + std::to_string(depth);
    if (depth == 3) {
        throw std::runtime_error(name);
    }
    fail(depth + 1);
}

static std::exception_ptr work() {
    try {
        fail(0);
    } catch (const std::runtime_error&) {
        return std::current_exception();
    }
    return nullptr;
}

static bool is_failure(const std::exception_ptr& caught) {
    try {
        std::rethrow_exception(caught);
    } catch (const std::runtime_error& error) {
        return std::string(error.what()) == "depth 3";
    }
}

int main() {
    const auto caught = std::make_unique<std::exception_ptr[]>(2);
    std::thread first([&caught] { caught[0] = work(); });
    std::thread second([&caught] { caught[1] = work(); });
    first.join();
    second.join();
    assert(is_failure(caught[0]) && is_failure(caught[1]));
}
