// A pointer to a variable of a block that was left.
// verdict: use-after-free
// options: mode=random executions=100
static int* volatile chosen = nullptr;

__attribute__((noinline)) static void choose(int* number) { chosen = number; }

int main() {
    for (int round = 0; round < 2; ++round) {
        int number = round;
        choose(&number);
    }
    return *chosen == 1 ? 0 : 1;
}
