// Asking for an object that its only owner lets go: it is gone, or it is kept until the asker has
// read it.
#include "litmus.h"

#include <memory>

LITMUS(weak_ptr_lock) {
    std::shared_ptr<int> owner = std::make_shared<int>(7);
    const std::weak_ptr<int> weak = owner;
    int r1 = 0;
    concurrently([&] { owner.reset(); },
                 [&] {
                     if (const std::shared_ptr<int> seen = weak.lock()) {
                         r1 = *seen;
                     }
                 });
    return outcome(r1);
}
ALLOWED({0}, {7});
FORBIDDEN(data_race);
