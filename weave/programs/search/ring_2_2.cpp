// Two producers with two messages each.
#include "ring.h"

int main() { run_ring<2, 2>(); }
