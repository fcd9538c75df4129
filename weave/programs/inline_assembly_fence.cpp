// A fence in inline assembly, which weave does not see.
// verdict: unsupported
// options: mode=random executions=1000
int main() {
    __asm__ volatile("mfence" : : : "memory");
    return 0;
}
