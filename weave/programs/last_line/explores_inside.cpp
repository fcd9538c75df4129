// An exploration inside an execution, which a check of weave's own refuses.
#include <weave/weave.h>

int main() {
    weave::explore({}, [] {});
}
