// Each thread has streams of its own; std::cout is for all of them ([iostream.objects.overview]).
// verdict: ok
// options: mode=random executions=500
#include <cassert>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

static void work(int number) {
    std::ostringstream out;
    out << number << ' ' << std::setw(6) << 2.5 << ' ' << std::boolalpha << true;
    std::istringstream in(out.str());
    int read = 0;
    double fraction = 0;
    std::string rest;
    in >> read >> fraction;
    std::getline(in, rest);
    assert(read == number && fraction == 2.5 && rest == " true");
    std::cout << out.str() << std::endl;
}

int main() {
    std::thread other(work, 1);
    work(2);
    other.join();
}
