// Inline assembly without atomic operations: exchanges of registers of all sizes, a pause, a
// compiler's barrier. Atomic operations that are never reached do no harm.
// verdict: ok
// options: mode=random executions=100
#include <assert.h>

static int count;

static void never_called(void) { __asm__ volatile("lock addl $1, %0" : "+m"(count) : : "memory"); }

static void exchange_registers(void) {
    long a = 1;
    long b = 2;
    __asm__ volatile("xchgq %0, %1" : "+r"(a), "+r"(b));
    assert(a == 2 && b == 1);
    __asm__ volatile("xchg %0, %1" : "+a"(a), "+r"(b));
    assert(a == 1 && b == 2);
    __asm__ volatile("xchgl %k0, %k1" : "+r"(a), "+r"(b));
    __asm__ volatile("xchgw %w0, %w1" : "+r"(a), "+r"(b));
    __asm__ volatile("xchgb %b0, %b1" : "+q"(a), "+q"(b));
    assert((a & 0xff) == 2 && (b & 0xff) == 1);
}

int main(int argc, char** argv) {
    (void)argv;
    exchange_registers();
    __asm__ volatile("pause");
    __asm__ volatile("" : : : "memory");
    if (argc > 100) {
        never_called();
    }
    return 0;
}
