// Ends with another status in few executions, the first of them late.
#include "ring.h"

int main() { return run_ring<2, 2>() == 1'11'12'02 ? 3 : 0; }
