// A static thread that is not joined: when main has returned it is destroyed, and that ends the
// program.
// verdict: assertion
// options: mode=random executions=20000
#include <thread>

int main() {
    static std::thread thread([] {});
}
