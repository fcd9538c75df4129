// An object published by a pointer that is released and acquired: a thread that has the pointer
// sees the whole object, without a race.
#include "litmus.h"

#include <memory>

LITMUS(atomic_pointer_publish) {
    std::atomic<int*> published = nullptr;
    int r1 = 0;
    concurrently([&] { published.store(new int(42), release); },
                 [&] {
                     if (const int* object = published.load(acquire)) {
                         r1 = *object;
                     }
                 });
    const std::unique_ptr<int> owner(published.load(relaxed));
    return outcome(r1);
}
ALLOWED({0}, {42});
FORBIDDEN(data_race);
