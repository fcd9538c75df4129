// Bit-fields with one of no width between them, and neighbouring bytes: each is a memory location
// of its own, and two threads may write them at once.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <thread>

struct Fields {
    unsigned first : 4;
    unsigned : 0;
    unsigned second : 4;
    char third;
    char fourth;
};

int main() {
    const auto fields = std::make_unique<Fields>();
    std::thread other([&fields] {
        fields->first = 1;
        fields->third = 3;
    });
    fields->second = 2;
    fields->fourth = 4;
    other.join();
    assert(fields->first == 1 && fields->second == 2);
    assert(fields->third == 3 && fields->fourth == 4);
}
