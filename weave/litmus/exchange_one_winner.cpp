// Two threads that exchange a token: one of them gets it.
#include "litmus.h"

LITMUS(exchange_one_winner) {
    std::atomic<int> token = 1;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = token.exchange(0, relaxed); },
                 [&] { r2 = token.exchange(0, relaxed); });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0});
FORBIDDEN({0, 0}, {1, 1});
