// Static variables of functions, made by two threads at the same time: their destructors run when
// main has returned, in the reverse order of their construction, and once for each execution.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <memory>
#include <string>
#include <thread>
#include <vector>

// No destructor of its own: it is there until the end.
static int alive = 0;

class Name {
  public:
    Name() : order_(++alive) {}
    ~Name() {
        assert(text_ == "a text that is too long for the small buffer");
        assert(order_ == alive);
        --alive;
    }

  private:
    const int order_;
    const std::string text_ = "a text that is too long for the small buffer";
};

static std::unique_ptr<int> make_table() { return std::make_unique<int>(42); }

static int get_shared() {
    static const std::unique_ptr<int> table = make_table();
    return *table;
}

template <int>
static void make_name() {
    static const Name name;
}

int main() {
    assert(alive == 0);
    std::thread other([] {
        make_name<0>();
        make_name<1>();
        const int value = get_shared();
        assert(value == 42);
    });
    const int value = get_shared();
    assert(value == 42);
    other.join();
    const std::vector<long> before(64, 7);
    make_name<2>();
    make_name<3>();
    for (const long number : before) {
        assert(number == 7);
    }
    assert(alive == 4);
}
