// A race without an effect, and a leak: ignore= takes the names of both.
// verdict: ok
// options: ignore=data-race,leak executions=100
#include <thread>

int last = 0;
int* volatile lost = nullptr;

int main() {
    std::thread other([] { last = 1; });
    last = 1;
    other.join();
    lost = new int(last);
    lost = nullptr;
}
