// A variable of a thread's own is destroyed when the thread ends: that happens before joining it
// returns.
#include "litmus.h"

namespace {

struct Farewell {
    int* said = nullptr;
    ~Farewell() {
        if (said != nullptr) {
            *said = 1;
        }
    }
};

thread_local Farewell farewell;

}  // namespace

LITMUS(thread_local_destroyed) {
    int said = 0;
    concurrently([&] { farewell.said = &said; });
    return outcome(said);
}
ALLOWED({1});
FORBIDDEN({0}, data_race);
