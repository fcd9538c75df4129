// Two threads race in functions of another file, which is not instrumented.
#include <thread>

#include "adds_by_pointer.h"

int main() {
    int count = 0;
    std::thread thread([&] { add_by_pointer(&count); });
    add_in_assembly(&count);
    thread.join();
}
