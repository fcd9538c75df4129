// Fails in few executions, the first of them late: if messages come in one order of six.
#include <cstdlib>

#include "ring.h"

int main() {
    if (run_ring<2, 2>() == 1'02'11'12) {
        std::abort();
    }
}
