// The compiler's compare-exchange where no statement may stand: at file scope, in a default member
// initialiser and in decltype, and with a null pointer as the new value.
// verdict: ok
// options: mode=random executions=100
#include <cassert>

static int word = 0;
static int zero = 0;
static int* pointer = &word;
static int* expected = &word;
static bool is_swapped =
    __atomic_compare_exchange_n(&word, &zero, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
static bool is_cleared = __atomic_compare_exchange_n(&pointer, &expected, nullptr, false,
                                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);

struct Attempt {
    int one = 1;
    decltype(__atomic_compare_exchange_n(&word, &zero, 1, false, 5, 5)) is_successful =
        __atomic_compare_exchange_n(&word, &one, 2, false, 5, 5);
};

int main() {
    assert(is_swapped && is_cleared && pointer == nullptr);
    const Attempt attempt;
    assert(attempt.is_successful && word == 2);
}
