// Atomic addition in inline assembly, which weave does not see.
// verdict: unsupported
// options: mode=random executions=1000
static int count;

static void add(int* to, int number) {
    __asm__ volatile("lock; addl %1, %0" : "+m"(*to) : "r"(number) : "memory");
}

int main(void) {
    add(&count, 1);
    return count == 1 ? 0 : 1;
}
