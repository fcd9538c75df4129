// Two threads race before main() begins, and are joined by then.
// verdict: data-race
// options: mode=random executions=1000
#include <thread>

namespace {

int count = 0;

const bool is_ready = [] {
    std::thread first([] { ++count; });
    std::thread second([] { ++count; });
    first.join();
    second.join();
    return true;
}();

}  // namespace

int main() { return is_ready ? 0 : 1; }
