// Compiled without weave's flags, and linked to a program that is compiled with them. The second
// function is what an assembly file makes: a label without a type and a size.
#include "adds_by_pointer.h"

void add_by_pointer(int* to) { ++*to; }

__asm__(
    ".globl add_in_assembly\n"
    "add_in_assembly:\n"
    "    incl (%rdi)\n"
    "    ret\n");
