// What libc++ implements inside its library, which is not instrumented, and libstdc++ in its
// headers: defines the functions that count the weak owners of a std::shared_ptr's block, the
// arrival at a std::barrier, the locks of std::shared_mutex, lock() and try_lock() of mutexes, and
// the choice of a std::shared_ptr's lock. Linked with --wrap.
#include <version>

#ifdef _LIBCPP_VERSION

#include <pthread.h>

#include <memory>
#include <typeinfo>

#include "entry/cxx.h"
#include "model/atomic.h"
#include "model/spin.h"
#include "run/check.h"
#include "run/execution.h"
#include "run/image.h"

namespace weave {

namespace {

// libc++ counts owners from 0: one owner is 0, none is -1.
constexpr uint64_t no_owner = ~uint64_t{0};

/// The layout of std::__shared_weak_count; its virtual functions must have this order.
class OwnedBlock {
  public:
    virtual ~OwnedBlock() = default;
    virtual void on_no_owner() noexcept = 0;
    virtual const void* deleter(const std::type_info&) const noexcept = 0;
    virtual void on_no_weak_owner() noexcept = 0;

    long owners;
    long weak_owners;
};

/// Takes the place of std::__barrier_algorithm_base, which only the functions below access.
struct Arrivals {
    const long* expected;
    long count;
};

/// The lock that models a std::__shared_mutex_base. It is inside the object, but not at its start:
/// a mutex is there, which libc++ destroys as a mutex.
pthread_rwlock_t* lock_of(void* mutex) {
    return reinterpret_cast<pthread_rwlock_t*>(static_cast<char*>(mutex) + sizeof(uint64_t));
}

/// As libc++ lays out a std::__sp_mut, the lock of the free atomic functions of a std::shared_ptr.
struct SharedPointerLock {
    pthread_mutex_t* mutex;
};

// As many as libc++ has.
constexpr size_t shared_pointer_locks = 32;
pthread_mutex_t shared_pointer_mutexes[shared_pointer_locks];

Value sum(Value old, Value operand, unsigned) { return {old.low + operand.low, 0}; }

/// A call of an entry point, and the atomic operations that it makes on the program's behalf.
struct Call {
    uint32_t pc;
    const void* frame;

    AtomicAccess access(const long& object, std::memory_order order) const {
        return {reinterpret_cast<uintptr_t>(&object), sizeof object, pc, order};
    }
    uint64_t load(const long& object, std::memory_order order) const {
        return active != nullptr
                   ? atomic_load<sizeof(long)>(*active, access(object, order), frame).low
                   : static_cast<uint64_t>(__atomic_load_n(&object, __ATOMIC_SEQ_CST));
    }
    /// Adds, and returns the old value.
    uint64_t add(long& object, long operand) const {
        if (active == nullptr) {
            return static_cast<uint64_t>(__atomic_fetch_add(&object, operand, __ATOMIC_SEQ_CST));
        }
        return atomic_modify<sizeof(long)>(*active, access(object, std::memory_order_acq_rel), sum,
                                           {static_cast<uint64_t>(operand), 0}, frame)
            .low;
    }
    /// A strong compare-exchange: if it fails, `expected` becomes the value that was found.
    bool replace(long& object, uint64_t& expected, uint64_t desired) const {
        if (active == nullptr) {
            auto found = static_cast<long>(expected);
            const bool success =
                __atomic_compare_exchange_n(&object, &found, static_cast<long>(desired), false,
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
            expected = static_cast<uint64_t>(found);
            return success;
        }
        bool success = false;
        expected = atomic_compare_exchange<sizeof(long)>(
                       *active, access(object, std::memory_order_seq_cst),
                       std::memory_order_seq_cst, {expected, 0}, {desired, 0}, success, frame)
                       .low;
        return success;
    }
};

}  // namespace

}  // namespace weave

#define WEAVE_CALL \
    weave::Call { weave::pc_of(__builtin_return_address(0)), WEAVE_FRAME }

extern "C" {

using weave::active;
using weave::Arrivals;
using weave::Call;
using weave::OwnedBlock;

OwnedBlock* __wrap__ZNSt3__119__shared_weak_count4lockEv(OwnedBlock* block) noexcept;
void __wrap__ZNSt3__119__shared_weak_count14__release_weakEv(OwnedBlock* block) noexcept;
Arrivals* __wrap__ZNSt3__134__construct_barrier_algorithm_baseERl(const long* expected);
bool __wrap__ZNSt3__131__arrive_barrier_algorithm_baseEPNS_24__barrier_algorithm_baseEh(
    Arrivals* arrivals, uint8_t phase) noexcept;
void __wrap__ZNSt3__132__destroy_barrier_algorithm_baseEPNS_24__barrier_algorithm_baseE(
    Arrivals* arrivals) noexcept;

__attribute__((noinline)) OwnedBlock* __wrap__ZNSt3__119__shared_weak_count4lockEv(
    OwnedBlock* block) noexcept {
    const Call call = WEAVE_CALL;
    uint64_t owners = call.load(block->owners, std::memory_order_seq_cst);
    while (owners != weave::no_owner) {
        if (call.replace(block->owners, owners, owners + 1)) {
            return block;
        }
    }
    return nullptr;
}

__attribute__((noinline)) void __wrap__ZNSt3__119__shared_weak_count14__release_weakEv(
    OwnedBlock* block) noexcept {
    const Call call = WEAVE_CALL;
    if (call.load(block->weak_owners, std::memory_order_acquire) == 0 ||
        call.add(block->weak_owners, -1) == 0) {
        block->on_no_weak_owner();
    }
}

Arrivals* __wrap__ZNSt3__134__construct_barrier_algorithm_baseERl(const long* expected) {
    return new Arrivals{expected, 0};
}

/// Returns true for the last thread of a phase to arrive.
__attribute__((noinline)) bool
__wrap__ZNSt3__131__arrive_barrier_algorithm_baseEPNS_24__barrier_algorithm_baseEh(
    Arrivals* arrivals, uint8_t) noexcept {
    const Call call = WEAVE_CALL;
    const long expected = *arrivals->expected;
    WEAVE_CHECK(expected > 0, expected);
    const bool is_last = call.add(arrivals->count, 1) + 1 == static_cast<uint64_t>(expected);
    if (is_last) {
        call.add(arrivals->count, -expected);
    }
    return is_last;
}

void __wrap__ZNSt3__132__destroy_barrier_algorithm_baseEPNS_24__barrier_algorithm_baseE(
    Arrivals* arrivals) noexcept {
    delete arrivals;
}

// A std::__shared_mutex_base is a lock of the C library's outside executions too, so that an
// execution knows what was taken before main(). Functions that return void in libc++ are declared
// with an int here: the caller ignores it, and the call of the other function can be the last thing
// they do.
int __wrap__ZNSt3__119__shared_mutex_base4lockEv(void* mutex);
int __wrap__ZNSt3__119__shared_mutex_base11lock_sharedEv(void* mutex);
int __wrap__ZNSt3__119__shared_mutex_base6unlockEv(void* mutex);
int __wrap__ZNSt3__119__shared_mutex_base13unlock_sharedEv(void* mutex);
bool __wrap__ZNSt3__119__shared_mutex_base8try_lockEv(void* mutex);
bool __wrap__ZNSt3__119__shared_mutex_base15try_lock_sharedEv(void* mutex);

int __wrap__ZNSt3__119__shared_mutex_base4lockEv(void* mutex) {
    return pthread_rwlock_wrlock(weave::lock_of(mutex));
}

int __wrap__ZNSt3__119__shared_mutex_base11lock_sharedEv(void* mutex) {
    return __weave_cxx_rwlock_rdlock(weave::lock_of(mutex));
}

int __wrap__ZNSt3__119__shared_mutex_base6unlockEv(void* mutex) {
    return pthread_rwlock_unlock(weave::lock_of(mutex));
}

int __wrap__ZNSt3__119__shared_mutex_base13unlock_sharedEv(void* mutex) {
    return pthread_rwlock_unlock(weave::lock_of(mutex));
}

bool __wrap__ZNSt3__119__shared_mutex_base8try_lockEv(void* mutex) {
    return __weave_cxx_rwlock_trywrlock(weave::lock_of(mutex)) == 0;
}

bool __wrap__ZNSt3__119__shared_mutex_base15try_lock_sharedEv(void* mutex) {
    return __weave_cxx_rwlock_tryrdlock(weave::lock_of(mutex)) == 0;
}

// libc++ chooses a shared pointer's lock by its address, where a program's image stands at another
// address in each process: a replay would take another lock than the execution.
weave::SharedPointerLock* __wrap__ZNSt3__112__get_sp_mutEPKv(const void* pointer);

weave::SharedPointerLock* __wrap__ZNSt3__112__get_sp_mutEPKv(const void* pointer) {
    static weave::SharedPointerLock locks[weave::shared_pointer_locks];
    const auto address = reinterpret_cast<uintptr_t>(pointer);
    const uintptr_t place = weave::is_in_image(pointer) ? address - weave::image_base() : address;
    const size_t index = place / sizeof(std::shared_ptr<int>) % weave::shared_pointer_locks;
    locks[index].mutex = &weave::shared_pointer_mutexes[index];
    return &locks[index];
}

// The mutex of the C library's is all that these objects are. libc++'s lock() would leave on the
// stack what a register held by chance, and a loop that locks would never come to the same state
// again.
int __wrap__ZNSt3__15mutex4lockEv(void* mutex);
int __wrap__ZNSt3__115recursive_mutex4lockEv(void* mutex);
bool __wrap__ZNSt3__15mutex8try_lockEv(void* mutex);
bool __wrap__ZNSt3__115recursive_mutex8try_lockEv(void* mutex);

int __wrap__ZNSt3__15mutex4lockEv(void* mutex) {
    return pthread_mutex_lock(static_cast<pthread_mutex_t*>(mutex));
}

int __wrap__ZNSt3__115recursive_mutex4lockEv(void* mutex) {
    return pthread_mutex_lock(static_cast<pthread_mutex_t*>(mutex));
}

bool __wrap__ZNSt3__15mutex8try_lockEv(void* mutex) {
    return __weave_cxx_mutex_trylock(static_cast<pthread_mutex_t*>(mutex)) == 0;
}

bool __wrap__ZNSt3__115recursive_mutex8try_lockEv(void* mutex) {
    return __weave_cxx_mutex_trylock(static_cast<pthread_mutex_t*>(mutex)) == 0;
}
}

#endif
