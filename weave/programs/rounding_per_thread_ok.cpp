// Each thread rounds as it has been told to, or as the one that has started it did then.
// verdict: ok
// options: mode=exhaustive executions=0
#include <atomic>
#include <cassert>
#include <cfenv>
#include <memory>
#include <thread>

int main() {
    const auto turns = std::make_unique<std::atomic<int>>(0);
    std::fesetround(FE_UPWARD);
    std::thread same([&turns] {
        assert(std::fegetround() == FE_UPWARD);
        turns->fetch_add(1);
        assert(std::fegetround() == FE_UPWARD);
    });
    std::fesetround(FE_DOWNWARD);
    std::thread other([&turns] {
        assert(std::fegetround() == FE_DOWNWARD);
        std::fesetround(FE_UPWARD);
        turns->fetch_add(1);
        assert(std::fegetround() == FE_UPWARD);
    });
    turns->fetch_add(1);
    assert(std::fegetround() == FE_DOWNWARD);
    same.join();
    assert(std::fegetround() == FE_DOWNWARD);
    other.join();
    assert(std::fegetround() == FE_DOWNWARD);
}
