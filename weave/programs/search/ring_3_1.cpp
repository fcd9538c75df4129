// Three producers with a message each.
#include "ring.h"

int main() { run_ring<3, 1>(); }
