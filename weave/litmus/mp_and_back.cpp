// Message passing there and back: each thread writes before it passes the turn, so the answer is
// written after the question was read.
#include "litmus.h"

LITMUS(mp_and_back) {
    std::atomic<int> question = 0;
    std::atomic<int> answer = 0;
    std::atomic<int> turn = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            question.store(1, relaxed);
            turn.store(1, release);
            while (turn.load(acquire) != 2) {
            }
            r1 = answer.load(relaxed);
        },
        [&] {
            while (turn.load(acquire) != 1) {
            }
            r2 = question.load(relaxed);
            answer.store(2, relaxed);
            turn.store(2, release);
        });
    return outcome(r1, r2);
}
ALLOWED({2, 1});
FORBIDDEN({0, 1}, {2, 0}, {0, 0});
