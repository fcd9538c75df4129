// Each execution changes the environment, the current folder, the file mode mask, the locale and
// the mappings: the next one finds them as the first one did.
// verdict: ok
// options: mode=random executions=200
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cassert>
#include <clocale>
#include <cstdlib>
#include <cstring>

static char folder[4096];
static const char* const first_folder = getcwd(folder, sizeof folder);

int main() {
    char now[4096];
    assert(getcwd(now, sizeof now) != nullptr && std::strcmp(now, first_folder) == 0);
    assert(chdir("/") == 0);
    assert(std::getenv("WEAVE_PROGRAM_STATE") == nullptr);
    setenv("WEAVE_PROGRAM_STATE", "1", 1);
    assert(umask(0123) != 0123);
    assert(std::strcmp(std::setlocale(LC_ALL, nullptr), "C") == 0);
    std::setlocale(LC_ALL, "C.UTF-8");
    void* const at = reinterpret_cast<void*>(0x1234'0000'0000);
    constexpr size_t size = 1 << 16;
    assert(mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
                -1, 0) == at);
}
