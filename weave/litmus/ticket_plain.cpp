// Tickets: each thread draws a number and waits for its turn. The turn is released and acquired, so
// plain data in it do not race.
#include "litmus.h"

LITMUS(ticket_plain) {
    std::atomic<int> next = 0;
    std::atomic<int> turn = 0;
    int count = 0;
    concurrently(
        [&] {
            const int mine = next.fetch_add(1, relaxed);
            while (turn.load(acquire) != mine) {
            }
            count = count + 1;
            turn.store(mine + 1, release);
        },
        [&] {
            const int mine = next.fetch_add(1, relaxed);
            while (turn.load(acquire) != mine) {
            }
            count = count + 1;
            turn.store(mine + 1, release);
        });
    return outcome(count);
}
ALLOWED({2});
FORBIDDEN({1}, data_race);
