// Two owners of one object that each write to it and let go: the last one destroys it, once, and
// what both wrote happens before that.
#include "litmus.h"

#include <memory>

namespace {

struct Pair {
    explicit Pair(int& result) : sum(result) {}
    ~Pair() { sum += first + second; }
    int first = 0;
    int second = 0;
    int& sum;
};

}  // namespace

LITMUS(shared_ptr_last_owner) {
    int sum = 0;
    std::shared_ptr<Pair> one = std::make_shared<Pair>(sum);
    std::shared_ptr<Pair> two = one;
    concurrently(
        [&] {
            one->first = 1;
            one.reset();
        },
        [&] {
            two->second = 2;
            two.reset();
        });
    return outcome(sum);
}
ALLOWED({3});
FORBIDDEN({0}, {1}, {2}, {6}, data_race);
