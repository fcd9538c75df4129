// Two threads append to one std::string, by functions that the C++ library holds ready.
// verdict: data-race
// options: mode=random executions=100
#include <string>
#include <thread>

int main() {
    std::string log;
    std::thread other([&log] { log.append("a long line of the other thread\n"); });
    log.append("a long line of the main thread\n");
    other.join();
}
