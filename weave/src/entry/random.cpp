// Random numbers: defines rand(), random(), their seeds, getrandom() and getentropy() of the C
// library and std::random_device. Each execution gets the same numbers, or no schedule could be
// replayed.
//
// Only the order of calls matters, and each caller gets some number: none of these is a choice
// point.
#include <sys/random.h>

#include <cstdlib>
#include <cstring>

#include "run/execution.h"
#include "run/random.h"
#include "run/real.h"

namespace weave {

namespace {

/// glibc's generator for rand(), with a state that is reset in each execution.
class SeededRandom {
  public:
    int32_t next() {
        begin();
        int32_t number;
        random_r(&data_, &number);
        return number;
    }
    void seed(unsigned value) {
        begin();
        srandom_r(value, &data_);
    }

  private:
    void begin() {
        if (execution_ != active->number()) {
            execution_ = active->number();
            data_ = {};
            initstate_r(1, state_, sizeof state_, &data_);
        }
    }

    uint32_t execution_ = 0;
    random_data data_{};
    char state_[128]{};
};

/// Takes the place of the system's source of entropy.
class WorldRandom {
  public:
    void fill(void* bytes, size_t size) {
        if (execution_ != active->number()) {
            execution_ = active->number();
            random_ = Random(0, 0);
        }
        auto* const to = static_cast<unsigned char*>(bytes);
        for (size_t i = 0; i < size; ++i) {
            to[i] = static_cast<unsigned char>(random_.next());
        }
    }

  private:
    uint32_t execution_ = 0;
    Random random_{0, 0};
};

WEAVE_KEPT SeededRandom seeded;
WEAVE_KEPT WorldRandom world;

}  // namespace

}  // namespace weave

extern "C" {

using weave::active;

int rand() noexcept { return active == nullptr ? WEAVE_REAL(rand)() : weave::seeded.next(); }

void srand(unsigned seed) noexcept {
    if (active == nullptr) {
        WEAVE_REAL(srand)(seed);
    } else {
        weave::seeded.seed(seed);
    }
}

long random() noexcept { return active == nullptr ? WEAVE_REAL(random)() : weave::seeded.next(); }

void srandom(unsigned seed) noexcept {
    if (active == nullptr) {
        WEAVE_REAL(srandom)(seed);
    } else {
        weave::seeded.seed(seed);
    }
}

ssize_t getrandom(void* bytes, size_t size, unsigned flags) {
    if (active == nullptr) {
        return WEAVE_REAL(getrandom)(bytes, size, flags);
    }
    weave::world.fill(bytes, size);
    return static_cast<ssize_t>(size);
}

int getentropy(void* bytes, size_t size) {
    if (active == nullptr) {
        return WEAVE_REAL(getentropy)(bytes, size);
    }
    weave::world.fill(bytes, size);
    return 0;
}

#ifdef _LIBCPP_VERSION
#define WEAVE_RANDOM_DEVICE(PREFIX) PREFIX##_ZNSt3__113random_deviceclEv
#else
#define WEAVE_RANDOM_DEVICE(PREFIX) PREFIX##_ZNSt13random_device9_M_getvalEv
#endif

/// Replaces std::random_device's source, which is the processor or the system. Linked with --wrap.
unsigned WEAVE_RANDOM_DEVICE(__wrap_)(void* device);
unsigned WEAVE_RANDOM_DEVICE(__real_)(void* device) __attribute__((weak));

unsigned WEAVE_RANDOM_DEVICE(__wrap_)(void* device) {
    if (active == nullptr) {
        return WEAVE_RANDOM_DEVICE(__real_)(device);
    }
    unsigned value;
    weave::world.fill(&value, sizeof value);
    return value;
}
}
