// A thread reads the text of a stream that the main thread still writes to.
// verdict: data-race
// options: mode=random executions=100
#include <sstream>
#include <string>
#include <thread>

int main() {
    std::stringstream log;
    std::thread other([&log] {
        std::string word;
        log >> word;
    });
    log << "pressure " << 17 << ' ' << 1.5;
    other.join();
}
