// A function writes past the end of its caller's array.
// verdict: out-of-bounds
// options: mode=random executions=10
#include <stddef.h>

__attribute__((noinline)) static void fill(int* numbers, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        numbers[i] = (int)i;
    }
}

int main(void) {
    int numbers[4];
    fill(numbers, 5);
    return numbers[3] == 3 ? 0 : 1;
}
