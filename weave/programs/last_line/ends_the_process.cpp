// A system call that no function of the C library makes ends the process behind weave's back.
int main() { asm volatile("syscall" : : "a"(231), "D"(0) : "rcx", "r11", "memory"); }
