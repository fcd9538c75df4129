// A global string and a global map that are filled before main, and that a thread lets grow and
// shrink: every execution begins with what they held first.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <map>
#include <string>
#include <thread>

static std::string text = "a string that is too long for the small buffer";
static std::map<int, int> squares = {{1, 1}, {2, 4}};

int main() {
    assert(text.size() == 46);
    assert(squares.size() == 2);
    std::thread other([] {
        text += " and grows even longer";
        squares.erase(1);
        squares[3] = 9;
        squares[4] = 16;
    });
    other.join();
    assert(text == "a string that is too long for the small buffer and grows even longer");
    assert(squares.size() == 3 && squares.at(4) == 16 && !squares.contains(1));
}
