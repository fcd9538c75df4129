#include "run/execution.h"

#include <sys/single_threaded.h>
#include <unwind.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "run/fiber.h"
#include "run/image.h"
#include "model/memory.h"

// The C++ ABI's, of which its headers say different things.
extern "C" void* weave_exceptions() noexcept __asm__("__cxa_get_globals");

namespace weave {

constinit thread_local Execution* active = nullptr;
WEAVE_KEPT Execution* starting = nullptr;
WEAVE_KEPT uintptr_t image_start = 0;
WEAVE_KEPT uintptr_t image_size = 0;

namespace {

// The stack that runs the executions, while one of them runs.
WEAVE_KEPT void* host = nullptr;
WEAVE_KEPT void* host_exceptions[2] = {};

const char* words_for(Waiting waiting) {
    switch (waiting) {
        case Waiting::nothing:
            return "nothing";
        case Waiting::mutex:
            return "a mutex";
        case Waiting::shared_mutex:
            return "a shared mutex";
        case Waiting::condition:
            return "a condition variable";
        case Waiting::join:
            return "the end of a thread";
        case Waiting::once:
            return "an initialisation";
        case Waiting::semaphore:
            return "a semaphore";
        case Waiting::barrier:
            return "a barrier";
        case Waiting::futex:
            return "a notification (atomic wait)";
    }
    return "?";
}

}  // namespace

void refuse_start(const char* what) {
    std::fprintf(stderr,
                 "weave: FINDING unsupported: %s\n"
                 "weave: unsupported executions=0 complete=no seconds=0.00\n",
                 what);
    constexpr int exit_undecided = 65;
    std::_Exit(exit_undecided);
}

Execution::Execution() {
    fiber_stacks();
    image_start = image_base();
    image_size = image_end() - image_start;
    // While the C library believes that there is one thread, the C++ library counts without
    // atomics.
    __libc_single_threaded = 0;
}

// ----- the life of an execution ------------------------------------------------------------------

Verdict Execution::run(const Settings& settings, Chooser& chooser, bool is_traced,
                       void (*body)(void*), void* argument) {
    settings_ = settings;
    chooser_ = &chooser;
    is_traced_ = is_traced;
    has_quick_accesses_ =
        !settings.plain_choice_points && settings.held_step == Settings::nothing_held;
    step_ = 0;
    runnable_ = spinning_ = unsure_ = timed_ = spurious_ = side_effects_ = 0;
    had_sc_fence_ = false;
    thread_count_ = unfinished_ = 0;
    key_count_ = location_count_ = store_count_ = object_count_ = sc_positions_ = 0;
    now_ns_ = first_ns;
    look_ns_ = 0;
    sc_fences_.reset();
    choices_.clear();
    events_.clear();
    exit_handlers_.clear();
    exit_handlers_.append(first_exit_handlers_.begin(), first_exit_handlers_.size());
    is_exiting_ = false;
    exit_status_ = 0;
    heap_.reset();
    arena.reset();
    facts_.verdict = Verdict::ok;
    ++generation_;
    body_ = body;
    body_argument_ = argument;

    exceptions_ = static_cast<void**>(weave_exceptions());
    error_number_ = &errno;
    threads_[0].clock.reset();
    current_ = &begin_thread(thread_count_++, nullptr, nullptr);
    std::memcpy(static_cast<void*>(host_exceptions), exceptions_, sizeof host_exceptions);
    std::memcpy(static_cast<void*>(exceptions_), current_->exceptions, sizeof host_exceptions);
    const int error_number = errno;
    active = this;
    switch_stack(host, current_->fiber);
    active = nullptr;
    errno = error_number;
    std::memcpy(static_cast<void*>(exceptions_), host_exceptions, sizeof host_exceptions);
    return facts_.verdict;
}

void Execution::to_host() {
    void* unused;
    switch_stack(unused, host);
    die("an execution that had ended went on");
}

namespace {

_Unwind_Reason_Code add_frame(_Unwind_Context* context, void* self) {
    auto& facts = *static_cast<Facts*>(self);
    const auto address = static_cast<uintptr_t>(_Unwind_GetIP(context));
    const uint32_t pc = pc_of(reinterpret_cast<const void*>(address));
    if (pc != 0) {
        facts.frames[facts.frame_count++] = pc;
    }
    return facts.frame_count == Facts::frames_max ? _URC_END_OF_STACK : _URC_NO_REASON;
}

}  // namespace

void Execution::fail(const Facts& facts) {
    facts_ = facts;
    facts_.step = step();
    if (is_traced_) {
        // The unwinder locks something of its own.
        active = nullptr;
        _Unwind_Backtrace(add_frame, &facts_);
    }
    to_host();
}

void Execution::fail(Verdict verdict, uint32_t pc, const char* format, ...) {
    Facts facts{};
    facts.verdict = verdict;
    facts.thread = current_->id;
    facts.pc = pc;
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(facts.what, sizeof facts.what, format, arguments);
    va_end(arguments);
    fail(facts);
}

void Execution::end() {
    if (settings_.finds_leaks) {
        check_leaks(*this);
    }
    to_host();
}

void Execution::exit(int status) {
    if (is_exiting_) {
        fail(Verdict::assertion, 0, "exit() is called again while it runs");
    }
    is_exiting_ = true;
    exit_status_ = status;
    choice_point(OperationKind::other, 0);
    run_destructors(*current_);
    while (!exit_handlers_.empty()) {
        const ExitHandler newest = exit_handlers_.back();
        exit_handlers_.pop();
        newest.function(newest.argument);
    }
    end();
}

void Execution::exit_at_once(int status) {
    exit_status_ = status;
    to_host();
}

void Execution::add_exit_handler(ExitHandler handler) { exit_handlers_.push(handler); }

void Execution::keep_start() {
    first_exit_handlers_.append(exit_handlers_.begin(), exit_handlers_.size());
    heap_.keep();
}

// ----- threads -----------------------------------------------------------------------------------

namespace {

void fiber_entry() { FiberAccess::main(); }

}  // namespace

/// What a fiber does: nothing of it may throw.
void FiberAccess::main() noexcept {
    Execution& execution = *active;
    Thread& thread = execution.current();
    if (thread.id == 0) {
        execution.body_(execution.body_argument_);
    } else {
        thread.result = thread.start(thread.argument);
    }
    execution.end_thread();
}

Thread& Execution::begin_thread(unsigned id, void* (*start)(void*), void* argument) {
    Thread& thread = threads_[id];
    thread.pending.reset();
    static_cast<ThreadState&>(thread) = {};
    for (SpinRead& read : thread.spin_reads) {
        read.state_capacity = 0;
    }
    thread.id = static_cast<uint8_t>(id);
    thread.start = start;
    thread.goes_on = true;
    thread.argument = argument;
    thread.stack = fiber_stacks().stack(id);
    thread.fiber = begin_stack<fiber_entry>(thread.stack, stack_bytes);
    thread.clock.tick(id);
    pending_[id] = {};
    runnable_ |= bit(id);
    ++unfinished_;
    return thread;
}

unsigned Execution::find_thread_id(uint32_t pc) {
    if (thread_count_ < threads_max) {
        threads_[thread_count_].clock.reset();
        return thread_count_++;
    }
    for (unsigned id = 1; id < threads_max; ++id) {
        Thread& ended = threads_[id];
        const Epoch last = ended.clock.happens_before(id);
        if (ended.is_finished && (ended.is_joined || ended.is_detached) &&
            current_->clock.happens_before(id) >= last) {
            ended.clock.reset();
            ended.clock.begin(id, last);
            return id;
        }
    }
    fail(Verdict::limit, pc, "more than %u threads", threads_max);
}

unsigned Execution::create_thread(void* (*start)(void*), void* argument, uint32_t pc) {
    Thread& thread = begin_thread(find_thread_id(pc), start, argument);
    thread.started_pc = pc;
    thread.clock.join(current_->clock);
    current_->clock.tick(current_->id);
    side_effect();
    Event event{};
    event.kind = Event::Kind::create;
    event.object = thread.id;
    event.pc = pc;
    trace(event);
    return thread.id;
}

void Execution::end_thread() {
    Thread& thread = *current_;
    if (settings_.is_program && unfinished_ == 1) {
        exit(0);
    }
    run_destructors(thread);
    Event event{};
    event.kind = Event::Kind::end;
    trace(event);
    thread.is_finished = true;
    side_effect();
    for (unsigned i = 0; i < thread_count_; ++i) {
        if (threads_[i].waiting == Waiting::join && threads_[i].joins == thread.id) {
            wake(i);
        }
    }
    runnable_ &= ~bit(thread.id);
    if (--unfinished_ == 0) {
        end();
    }
    leave();
    die("a thread that had ended went on");
}

// ----- whose turn it is --------------------------------------------------------------------------

void Execution::too_many_steps() {
    fail(Verdict::limit, 0, "more than %u steps", settings_.steps_max);
}

/// A wait times out again only after somebody has changed something, so that a loop around it does
/// not run for ever while others could go on.
uint64_t Execution::enabled_by_time_or_chance() const {
    uint64_t enabled = spurious_;
    for (uint64_t left = timed_; left != 0; left &= left - 1) {
        const unsigned id = static_cast<unsigned>(std::countr_zero(left));
        if (threads_[id].timeout_progress != side_effects_) {
            enabled |= bit(id);
        }
    }
    return enabled;
}

uint64_t Execution::nobody_can_run() {
    if (timed_ != 0) {
        return timed_;
    }
    if (spurious_ != 0 && choose(Alternative::wake_up, 2) != 0) {
        return spurious_;
    }
    if ((spinning_ & unsure_) != 0) {
        const uint64_t freed = spinning_ & unsure_;
        spinning_ &= ~freed;
        unsure_ = 0;
        return freed;
    }
    report_standstill();
}

void Execution::report_standstill() {
    Facts facts{};
    facts.verdict = spinning_ != 0 ? Verdict::livelock : Verdict::deadlock;
    int length = 0;
    for (unsigned i = 0; i < thread_count_ && length < int{sizeof facts.what}; ++i) {
        const Thread& thread = threads_[i];
        if (thread.is_finished) {
            continue;
        }
        const size_t room = sizeof facts.what - static_cast<size_t>(length);
        char* const to = facts.what + length;
        if ((spinning_ >> i & 1) != 0) {
            length += std::snprintf(to, room, "%sthread %u spins", length == 0 ? "" : "; ", i);
        } else if (thread.waiting == Waiting::join) {
            length += std::snprintf(to, room, "%sthread %u waits for thread %u to end",
                                    length == 0 ? "" : "; ", i, thread.joins);
        } else {
            length += std::snprintf(to, room, "%sthread %u waits for %s", length == 0 ? "" : "; ",
                                    i, words_for(thread.waiting));
        }
    }
    facts.thread = current_->id;
    facts.pc = current_->waits_pc;
    fail(facts);
}

/// Nobody woke it: its time is up, or it wakes for no reason.
void Execution::end_wait(Thread& chosen) {
    chosen.has_timed_out = chosen.may_time_out;
    if (chosen.has_timed_out) {
        sleep_until(chosen.times_out_ns);
    }
    chosen.was_woken_spuriously |= !chosen.may_time_out;
    chosen.timeout_progress = side_effects_;
    wake(chosen.id);
}

void Execution::leave() { let_run(enabled_threads()); }

unsigned Execution::choose(Alternative kind, unsigned count) {
    const unsigned chosen = chooser_->choose(kind, count);
    choices_.push(static_cast<uint8_t>(chosen));
    return chosen;
}

void Execution::wait(Waiting what, const SyncObject* object, uint32_t pc) {
    Thread& thread = *current_;
    thread.waiting = what;
    thread.waits_pc = pc;
    thread.waits_for = object;
    thread.has_timed_out = false;
    runnable_ &= ~bit(thread.id);
    if (thread.may_time_out) {
        timed_ |= bit(thread.id);
    } else if (thread.may_wake_spuriously && !thread.was_woken_spuriously &&
               settings_.spurious_wakeups) {
        spurious_ |= bit(thread.id);
    }
    pending_[thread.id] = {OperationKind::wait, 0};
    leave();
    thread.may_time_out = thread.may_wake_spuriously = false;
}

void Execution::wake(unsigned id) {
    Thread& thread = threads_[id];
    thread.waiting = Waiting::nothing;
    runnable_ |= bit(id);
    timed_ &= ~bit(id);
    spurious_ &= ~bit(id);
}

void Execution::wake_all(uint64_t& threads) {
    for (; threads != 0; threads &= threads - 1) {
        wake(static_cast<unsigned>(std::countr_zero(threads)));
    }
}

// ----- memory ------------------------------------------------------------------------------------

void Execution::begin_heap_cell(Cell& cell, uintptr_t begin) {
    cell.written = 0;
    cell.usable = 0;
    const Block* const block = heap_.around(begin);
    if (block != nullptr && !block->is_freed && begin < block->base + block->size) {
        const size_t left = block->base + block->size - begin;
        cell.usable = static_cast<uint8_t>(left >= 8 ? 0xff : (1u << left) - 1);
    }
}

uint64_t Execution::look_at_clock() {
    constexpr uint64_t ns_min = 1'000;
    constexpr uint64_t ns_max = 3600 * ns_per_second;
    look_ns_ = look_effects_ == side_effects_ ? std::clamp(2 * look_ns_, ns_min, ns_max) : ns_min;
    look_effects_ = side_effects_;
    // What the thread reads next is not what it would have read before.
    ++current_->changes;
    return now_ns_ += look_ns_;
}

SyncObject* Execution::object_if_used(const void* address) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    const Cell* const place = cell_if_touched(at);
    SyncObject* object = place == nullptr ? nullptr : place->objects;
    while (object != nullptr && object->address != at) {
        object = object->next;
    }
    return object;
}

SyncObject& Execution::object(const void* address, SyncKind kind, uint32_t pc) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    sync_access(*this, at, pc);
    SyncObject* object = object_if_used(address);
    if (object != nullptr && object->kind != kind) {
        forget_object(address);
        object = nullptr;
    }
    if (object == nullptr) {
        Cell& place = cell(at);
        object = arena.make<SyncObject>();
        object->address = at;
        object->next = place.objects;
        object->kind = kind;
        object->owner = SyncObject::nobody;
        object->number = ++object_count_;
        place.objects = object;
    }
    return *object;
}

void Execution::forget_object(const void* address) {
    SyncObject* const object = object_if_used(address);
    for (SyncObject** link = &cell(reinterpret_cast<uintptr_t>(address)).objects; *link != nullptr;
         link = &(*link)->next) {
        if (*link == object) {
            *link = object->next;
            return;
        }
    }
}

void Execution::run_destructors(Thread& thread) {
    // Newest first; a destructor may add more.
    while (thread.destructor_count != 0) {
        const Destructor last = thread.destructors[--thread.destructor_count];
        last.function(last.object);
    }
    run_key_destructors(thread);
}

void Execution::add_event(Event event) {
    if (events_.is_full()) {
        return;
    }
    event.thread = current_->id;
    event.step = step();
    events_.push(event);
}

}  // namespace weave
