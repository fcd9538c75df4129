// One file of the program is instrumented, and another one is not.
#include <atomic>
#include <thread>

#include "adds_past_weave.h"

int main() {
    std::atomic<int> count{0};
    std::jthread thread([&] { add_past_weave(count); });
    add_past_weave(count);
}
