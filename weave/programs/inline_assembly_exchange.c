// An exchange with memory is atomic without a lock prefix.
// verdict: unsupported
// options: mode=random executions=1000
static int lock;

static int exchange(int* with, int number) {
    __asm__ volatile("xchg %1, %0" : "+m"(*with), "+r"(number) : : "memory");
    return number;
}

int main(void) { return exchange(&lock, 1); }
