// Two neighbouring bit-fields that two threads write at once: they are one memory location.
// verdict: data-race
// options: mode=random executions=20000
#include <memory>
#include <thread>

struct Fields {
    unsigned first : 4;
    unsigned second : 4;
};

int main() {
    const auto fields = std::make_unique<Fields>();
    std::thread other([&fields] { fields->first = 1; });
    fields->second = 2;
    other.join();
}
