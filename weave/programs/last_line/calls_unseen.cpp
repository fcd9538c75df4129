// Calls two functions of the C library that weave does not see, one of them twice, and one that it
// does.
#include <cstring>
#include <cwchar>
#include <thread>

namespace {

wchar_t wide[8];
char narrow[8];

}  // namespace

int main() {
    std::thread other([] { std::wcscpy(wide, L"other"); });
    other.join();
    std::wcscpy(wide, L"main");
    const std::size_t length = std::wcstombs(narrow, wide, sizeof narrow);
    return length == 4 && std::strlen(narrow) == 4 ? 0 : 1;
}
