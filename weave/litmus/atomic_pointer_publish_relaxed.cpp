// An object published by a relaxed pointer: using the pointer does not order anything, so reading
// the object races with its making.
#include "litmus.h"

#include <memory>

LITMUS(atomic_pointer_publish_relaxed) {
    std::atomic<int*> published = nullptr;
    int r1 = 0;
    concurrently([&] { published.store(new int(42), relaxed); },
                 [&] {
                     if (const int* object = published.load(relaxed)) {
                         r1 = *object;
                     }
                 });
    const std::unique_ptr<int> owner(published.load(relaxed));
    return outcome(r1);
}
ALLOWED({0}, data_race);
FORBIDDEN({42});
