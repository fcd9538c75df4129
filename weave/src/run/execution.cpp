// The life of an execution, and whose turn it is when the threads cannot simply continue.
#include "run/execution.h"

#include <sys/single_threaded.h>
#include <unwind.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "graph/graph_search.h"
#include "model/heap_check.h"
#include "model/leaks.h"
#include "run/crash.h"
#include "run/image.h"
#include "run/stacks.h"
#include "run/standstill.h"

namespace weave {

constinit thread_local Execution* active = nullptr;
WEAVE_KEPT Execution* starting = nullptr;
WEAVE_KEPT unsigned instrumented_files = 0;
WEAVE_KEPT unsigned thread_words = 1;
WEAVE_KEPT uintptr_t image_start = 0;
WEAVE_KEPT uintptr_t image_size = 0;

Execution::Execution() {
    fiber_stacks();
    catch_crashes();
    image_start = image_base();
    image_size = image_end() - image_start;
    // While the C library believes that there is one thread, the C++ library counts without
    // atomics.
    __libc_single_threaded = 0;
}

// ----- begin and end -----------------------------------------------------------------------------

Verdict Execution::run(const Settings& settings, Chooser& chooser, bool is_traced,
                       void (*body)(void*), void* argument) {
    WEAVE_CHECK(active == nullptr);
    settings_ = settings;
    chooser_ = &chooser;
    graph_ = chooser.graph();
    has_quick_accesses_ = !settings.plain_choice_points &&
                          settings.held_step == Settings::nothing_held &&
                          (graph_ == nullptr || !graph_->is_digesting());
    has_quick_operations_ = has_quick_accesses_ && graph_ == nullptr && !is_traced &&
                            !settings.all_turns && !settings.as_in_graphs &&
                            settings.memory == Memory::c20;
    step_ = 0;
    is_extra_turn_ = false;
    choices_.clear();
    facts_.verdict = Verdict::ok;
    needs_more_threads_ = false;
    stopped_loop_ = {};
    pace_ = {};
    look_effects_ = 0;
    body_ = body;
    body_argument_ = argument;

    heap.reset();
    arena.reset();
    threads.begin_execution();
    cells.begin_execution();
    objects_.begin_execution();
    locations.begin_execution();
    sc.begin_execution();
    time.begin_execution();
    timeline.begin_execution(is_traced);
    exits.begin_execution();

    errno_cell_ = &cells.at(reinterpret_cast<uintptr_t>(&errno));
    Thread& first = begin_thread(threads.free_id(), nullptr, nullptr);
    first.time_ns = time.now_ns();
    threads.set_current(first);
    if (graph_ != nullptr) {
        graph_->begin_execution(*this);
    }
    active = this;
    fibers_.enter(first);
    active = nullptr;
    return facts_.verdict;
}

/// Runs on each fiber: nothing may throw past this frame.
void FiberAccess::main() noexcept {
    Execution& execution = *active;
    Thread& thread = execution.current();
    if (thread.id == 0) {
        execution.body_(execution.body_argument_);
    } else {
        thread.result = thread.start(thread.argument);
    }
    WEAVE_CHECK(&execution.current() == &thread, execution.current().id, thread.id);
    execution.end_thread();
}

namespace {

_Unwind_Reason_Code add_call(_Unwind_Context* context, void* self) {
    auto& calls = *static_cast<Calls*>(self);
    const auto address = static_cast<uintptr_t>(_Unwind_GetIP(context));
    const uint32_t pc = pc_of(reinterpret_cast<const void*>(address));
    // The runtime's own calls could fill the list.
    if (pc != 0 && !is_own_code(address)) {
        calls.pcs[calls.count++] = pc;
    }
    return calls.count == Calls::count_max ? _URC_END_OF_STACK : _URC_NO_REASON;
}

void read_stack(Calls& calls) {
    // The unwinder takes a lock of its own.
    Execution* const execution = std::exchange(active, nullptr);
    _Unwind_Backtrace(add_call, &calls);
    active = execution;
}

/// Without an optimiser an atomic operation is a call into the C++ library, and a report has to
/// name the program's own line.
void add_callers(Event& event) {
    Calls calls{};
    read_stack(calls);
    const uint32_t* const end = calls.pcs + calls.count;
    const uint32_t* caller = std::find(static_cast<const uint32_t*>(calls.pcs), end, event.pc);
    for (uint32_t& pc : event.callers) {
        if (caller == end || ++caller == end) {
            return;
        }
        pc = *caller;
    }
}

}  // namespace

void Execution::add_to_timeline(Event event) {
    event.thread = current().id;
    event.step = step();
    if (event.pc != 0 && settings_.has_stacks) {
        add_callers(event);
    }
    timeline.add(event);
}

const Calls* Execution::stack_if_traced() {
    if (!timeline.is_traced() || !settings_.has_stacks) {
        return nullptr;
    }
    auto* const calls = arena.make<Calls>();
    read_stack(*calls);
    return calls;
}

void Execution::fail(const Facts& facts) {
    WEAVE_CHECK(facts.verdict != Verdict::ok && facts.access_count <= 2, facts.verdict,
                facts.access_count);
    facts_ = facts;
    facts_.step = step();
    if (graph_ != nullptr) {
        graph_->fails(facts.verdict);
    }
    if (timeline.is_traced() && settings_.has_stacks && facts_.stack.count == 0) {
        read_stack(facts_.stack);
    }
    fibers_.leave();
}

void Execution::fail(Verdict verdict, uint32_t pc, const char* format, ...) {
    Facts facts{};
    facts.verdict = verdict;
    facts.thread = current().id;
    facts.pc = pc;
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(facts.what, sizeof facts.what, format, arguments);
    va_end(arguments);
    fail(facts);
}

void Execution::note_judgement(const Judgement& judgement) {
    WEAVE_CHECK(active == nullptr && facts_.verdict == Verdict::ok, facts_.verdict);
    facts_ = {};
    facts_.verdict = Verdict::judged;
    std::snprintf(facts_.judged, sizeof facts_.judged, "%s", judgement.verdict.c_str());
    std::snprintf(facts_.what, sizeof facts_.what, "%s", judgement.what.c_str());
    facts_.step = step();
    facts_.part_count =
        static_cast<unsigned>(std::min(judgement.parts.size(), size_t{Facts::parts_max}));
    for (unsigned i = 0; i < facts_.part_count; ++i) {
        facts_.parts[i] = {judgement.parts[i].first, judgement.parts[i].last};
    }
}

void Execution::fail_too_many_steps() {
    fail(Verdict::limit, 0, "more than %u steps", settings_.steps_max);
}

void Execution::end(const void* frame) {
    if (settings_.finds_leaks) {
        check_leaks(*this, frame);
    }
    leave();
}

void Execution::abandon() { fibers_.leave(); }

void Execution::leave() {
    if (graph_ != nullptr) {
        graph_->ends();
    }
    if (settings_.status_is_finding && exits.status() != 0) {
        fail(Verdict::exit_status, 0, "the program ends with status %d", exits.status());
    }
    fibers_.leave();
}

void Execution::exit(int status) {
    if (!exits.begin(status)) {
        fail(Verdict::assertion, 0, "exit() is called again while it runs");
    }
    if (graph_ != nullptr) {
        graph_->exits();
    }
    choice_point(OperationKind::other, 0);
    // The values of pthread_setspecific() end with their threads only, and not with the process.
    run_local_destructors(current());
    for (ExitHandler newest; exits.take_newest(newest);) {
        newest.function(newest.argument);
    }
    // What main() has left on the stack, below this frame, holds no pointer of the program any
    // more.
    end(__builtin_frame_address(0));
}

void Execution::exit_at_once(int status) {
    exits.set_status(status);
    leave();
}

void Execution::keep_start() {
    exits.keep_start();
    heap.keep();
}

// ----- turns -------------------------------------------------------------------------------------

/// Lets the chooser choose one of the threads that can run, and continues there.
template <bool MayHaveGraph>
WEAVE_HOT void Execution::let_run(const Turn& turn) {
    unsigned next = turn.enabled.first();
    if (MayHaveGraph && graph_ != nullptr) {
        next = choose_in_graph(turn);
    } else if (!turn.enabled.is_only(next)) {
        const unsigned index = chooser_->choose_thread(turn);
        choices_.push(static_cast<uint8_t>(index));
        next = turn.thread(index);
    }
    Thread& chosen = threads[next];
    if (chosen.waiting != Waiting::nothing) [[unlikely]] {
        end_wait(chosen);
    }
    Thread& before = current();
    if (&chosen != &before) {
        WEAVE_CHECK(threads.is_ready(next), next, threads.ready_word());
        threads.set_current(chosen);
        // errno is each thread's own, though all of them find it at the same address.
        errno_cell_->generation = 0;
        fibers_.switch_to(before, chosen);
        WEAVE_CHECK(&current() == &before, current().id, before.id);
    }
}

/// Lets any thread run. False if the current one is the only one that can.
__attribute__((noinline)) bool Execution::let_any_run() {
    const Turn turn{enabled_threads(), current().id, step_, threads.pending()};
    const bool is_alone = turn.enabled.is_only(current().id);
    let_run<true>(turn);
    return !is_alone;
}

/// `ready` has the threads that can run; 0 if that takes longer to find out.
void Execution::let_others_run(uint64_t ready) {
    // A set is large for the stack, which spin.cpp has to clear.
    if (ready != 0) [[likely]] {
        const Turn turn{ready, current().id, step_, threads.pending()};
        let_run<false>(turn);
    } else if (!let_any_run()) {
        return;
    }
    if (current().has_signal) [[unlikely]] {
        handle_signals(*this);
    }
}

/// The threads that can run: those that are ready, and those that may wake by themselves.
ThreadSet Execution::enabled_threads() {
    const ThreadSet ready = threads.ready();
    if (ready.is_empty()) [[unlikely]] {
        return enabled_of_none_ready();
    }
    return threads.some_wake_alone() ? ready | threads.enabled_by_time_or_chance() : ready;
}

// ----- threads -----------------------------------------------------------------------------------

Thread& Execution::begin_thread(unsigned id, void* (*start)(void*), void* argument) {
    Thread& thread = threads.begin(id, start, argument);
    thread.is_in_graphs = settings_.as_in_graphs;
    if (has_quick_accesses_) {
        begin_quick_way(thread);
    } else {
        end_quick_way(thread);
    }
    return thread;
}

void Execution::begin_quick_way(Thread& thread) {
    thread.owns_whole = Cell::header_of(cells.generation(), thread.id, Cell::whole);
    thread.owns_halves = Cell::header_of(cells.generation(), thread.id, Cell::halves);
}

void Execution::end_quick_way(Thread& thread) {
    thread.owns_whole = thread.owns_halves = Cell::no_header;
}

void Execution::lose_quick_way() { end_quick_way(current()); }

void Execution::watch_times(Thread& thread) {
    thread.watches_times = true;
    thread.later_times = 0;
    end_quick_way(thread);
}

bool Execution::regains_quick_way() {
    if (!has_quick_accesses_ || current().is_repeating || current().watches_times ||
        (graph_ != nullptr && graph_->watches_plain())) {
        return false;
    }
    begin_quick_way(current());
    return true;
}

unsigned Execution::create_thread(void* (*start)(void*), void* argument, uint32_t pc) {
    const unsigned id = threads.free_id();
    if (id == Threads::no_id) {
        needs_more_threads_ = thread_words == 1;
        fail(Verdict::limit, pc, "more than %u threads", 64 * thread_words);
    }
    WEAVE_CHECK(id != current().id, id);
    Thread& thread = begin_thread(id, start, argument);
    thread.started_pc = pc;
    thread.time_ns = current().time_ns;
    thread.skips_choice_point = !settings_.stops_at_start;
    const Snapshot* const less = graph_ == nullptr ? nullptr : graph_->created(id, current().clock);
    if (less != nullptr) {
        thread.clock.join(*less);
    } else {
        thread.clock.join(current().clock);
    }
    current().tick();
    side_effect();
    chooser_->created(current().id, id);
    Event event{};
    event.kind = Event::Kind::create;
    event.object = id;
    event.pc = pc;
    trace(event);
    return id;
}

void Execution::end_thread() {
    if (settings_.is_program && threads.unfinished() == 1) {
        exit(0);
    }
    run_local_destructors(current());
    run_key_destructors(current());
    end_locals(*this);
    Event event{};
    event.kind = Event::Kind::end;
    trace(event);
    if (graph_ != nullptr) {
        graph_->ended(current().id);
    }
    threads.end_current();
    if (threads.unfinished() == 0) {
        end(__builtin_frame_address(0));
    }
    let_any_run();
    die("a thread continued after its end");
}

void Execution::wait(Waiting what, const SyncObject* object, uint32_t pc) {
    Thread& thread = current();
    thread.was_interrupted = false;
    if ((what != Waiting::join && what != Waiting::condition && what != Waiting::barrier &&
         what != Waiting::futex) ||
        thread.may_time_out) {
        is_beyond_graphs("waits other than joins, for conditions and on futexes");
    }
    threads.block_current(what, object, pc, settings_.spurious_wakeups);
    if (thread.has_signal) {
        threads.interrupt(thread.id);
    }
    thread.waits_stack = stack_if_traced();
    trace_wait(what, object, pc);
    let_any_run();
    WEAVE_CHECK(thread.waiting == Waiting::nothing, thread.waiting, thread.id);
    if (thread.may_time_out && thread.has_timed_out) {
        trace_limit();
    }
    thread.may_time_out = thread.may_wake_spuriously = false;
}

void Execution::trace_limit() {
    Event event{};
    event.kind = Event::Kind::limit;
    trace(event);
}

/// Adds a line for a wait whose entry point adds none.
void Execution::trace_wait(Waiting what, const SyncObject* object, uint32_t pc) {
    if (object == nullptr || what == Waiting::condition || what == Waiting::futex) {
        return;
    }
    Event event{};
    event.kind = Event::Kind::wait;
    event.object = object->number;
    event.address = object->address;
    event.pc = pc;
    trace(event);
}

void Execution::wake(unsigned thread) {
    if (threads[thread].waiting != Waiting::condition) {
        Event event{};
        event.kind = Event::Kind::wake;
        event.object = thread;
        trace(event);
    }
    wakes_in_graph(thread);
    threads.wake(thread);
}

void Execution::wake_all(ThreadSet& set) {
    for (unsigned id = set.first(); graph_ != nullptr && id != threads_max; id = set.next(id + 1)) {
        graph_->wakes(id);
    }
    threads.wake_all(set);
}

void Execution::wakes_in_graph(unsigned thread) {
    if (graph_ != nullptr) {
        graph_->wakes(thread);
    }
}

void Execution::waits_with_limit() {
    if (graph_ != nullptr) {
        graph_->waits_with_limit();
    }
}

// ----- whose turn it is --------------------------------------------------------------------------

unsigned Execution::choose(Alternative kind, unsigned count) {
    const unsigned chosen = chooser_->choose(kind, count);
    WEAVE_CHECK(chosen < count, chosen, count, kind);
    choices_.push(static_cast<uint8_t>(chosen));
    return chosen;
}

/// The spinning threads that keep others from a lock which they would give back: they have done so
/// in the round that they would repeat.
ThreadSet Execution::lock_keepers() const {
    ThreadSet keepers;
    const ThreadSet& spinning = threads.spinning();
    for (unsigned id = spinning.first(); id != threads_max; id = spinning.next(id + 1)) {
        if (threads[id].has_given_lock_back && objects_.keeps_wanted_lock(id)) {
            keepers.add(id);
        }
    }
    return keepers;
}

/// The threads that can run when none is ready: those that time can wake, then those that may wake
/// for no reason, then those whose spinning may end by itself.
ThreadSet Execution::enabled_of_none_ready() {
    if (!threads.interrupted().is_empty()) {
        return threads.interrupted();
    }
    if (process_wakes_thread(*this, false)) {
        return threads.ready();
    }
    if (!threads.timed().is_empty()) {
        return threads.timed();
    }
    if (!threads.spurious().is_empty() && choose(Alternative::wake_up, 2) != 0) {
        return threads.spurious();
    }
    if (const ThreadSet stopped = threads.stop_unsure(); !stopped.is_empty()) {
        return stopped;
    }
    if (const ThreadSet keepers = settings_.as_in_graphs ? ThreadSet() : lock_keepers();
        !keepers.is_empty()) {
        threads.stop_spinning(keepers);
        return keepers;
    }
    if (process_wakes_thread(*this, true)) {
        return threads.ready();
    }
    if (graph_ != nullptr) {
        graph_->stands_still();
    }
    if (waits_for_shared_memory(*this)) {
        fail(Verdict::unsupported, current().waits_pc,
             "a wait for what processes share, other than a semaphore");
    }
    fail(facts_of_standstill(threads));
}

/// Ends the wait of a thread that no other has woken: its limit is reached, or it wakes for no
/// reason.
void Execution::end_wait(Thread& chosen) {
    chosen.was_interrupted = threads.interrupted().contains(chosen.id);
    if (chosen.was_interrupted) {
        chosen.has_timed_out = false;
        threads.wake(chosen.id);
        return;
    }
    WEAVE_CHECK(chosen.may_time_out || chosen.may_wake_spuriously, chosen.id, chosen.waiting);
    chosen.has_timed_out = chosen.may_time_out &&
                           !(chosen.may_wake_spuriously && choose(Alternative::wake_up, 2) != 0);
    if (chosen.has_timed_out) {
        time.sleep_until(chosen.times_out_ns);
    }
    chosen.was_woken_spuriously |= !chosen.has_timed_out;
    chosen.watches_times = false;
    if (chosen.has_timed_out) {
        watch_times(chosen);
        const bool is_another_in_a_row = chosen.timeout_progress == threads.side_effects();
        chosen.timeouts_in_a_row = is_another_in_a_row ? chosen.timeouts_in_a_row + 1 : 0;
        chosen.timeout_progress = threads.side_effects();
        chosen.timeout_state = chosen.limit_state;
    }
    threads.wake(chosen.id);
}

// ----- execution graphs --------------------------------------------------------------------------

void Execution::is_beyond_graphs(const char* what) {
    if (graph_ != nullptr) {
        graph_->meets(what);
    }
}

void Execution::tells_twins_apart(const char* what) {
    if (graph_ != nullptr) {
        graph_->tells_twins_apart(what);
    }
}

void Execution::choice_point_of(OperationKind kind, const SyncObject& object, Wants wants) {
    const bool is_event = kind == OperationKind::lock || kind == OperationKind::unlock ||
                          object.kind == SyncKind::condition || object.kind == SyncKind::barrier;
    if (graph_ != nullptr && is_event) {
        graph_->announces(object, wants);
    }
    choice_point(kind, object.address);
    if (graph_ != nullptr && is_event) {
        graph_->acts(object, kind == OperationKind::unlock);
    }
}

void Execution::choice_point_of_futex(OperationKind kind, uintptr_t address, bool is_turn) {
    if (graph_ != nullptr) {
        graph_->announces_futex(address);
    }
    choice_point(kind, address);
    if (graph_ != nullptr) {
        graph_->acts_on_futex(address, is_turn);
    }
}

void Execution::choice_point_of_clock(OperationKind kind) {
    if (graph_ != nullptr && graph_->has_clock()) {
        choice_point_of_futex(OperationKind::wait, Time::address, /*is_turn=*/true);
    } else {
        choice_point(kind, 0);
    }
}

/// Lets the thread run that the graph says.
__attribute__((noinline)) void Execution::let_run_in_graph(OperationKind kind) {
    graph_->arrive(kind);
    const Turn turn{enabled_threads(), current().id, step_, threads.pending()};
    let_run<true>(turn);
    if (current().has_signal) [[unlikely]] {
        handle_signals(*this);
    }
}

/// The thread that runs next.
unsigned Execution::choose_in_graph(const Turn& turn) {
    const unsigned next = graph_->choose_thread(turn.enabled, turn.current);
    if (graph_->unsupported() != nullptr) {
        // The search begins anew without graphs: this execution does not count.
        fail(Verdict::unsupported, 0, "%s", graph_->unsupported());
    }
    if (!turn.enabled.is_only(next)) {
        choose_as_planned(turn.index_of(next));
    }
    return next;
}

// ----- what entry points look up -----------------------------------------------------------------

SyncObject& Execution::object(const void* address, SyncKind kind, uint32_t pc) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    sync_access(*this, at, pc);
    return objects_.find_or_make(at, kind);
}

// ----- the clock ---------------------------------------------------------------------------------

uint64_t Execution::look_at_clock() {
    choice_point_of_clock(graph_ != nullptr ? OperationKind::yield : OperationKind::other);
    Thread& thread = current();
    if (settings_.as_in_graphs) {
        // A function of what the thread has done, and not of how far others are.
        time.advance(thread.pace.next(thread.look_effects == thread.effects));
        thread.look_effects = thread.effects;
    } else {
        time.advance(pace_.next(look_effects_ == threads.side_effects()));
        look_effects_ = threads.side_effects();
    }
    if (graph_ != nullptr) {
        graph_->looks_at_clock();
    }
    thread.time_ns = time.now_ns();
    // What the thread reads next is not what it would have read before.
    thread.note_private_change();
    Event event{};
    event.kind = Event::Kind::look_at_clock;
    event.value = thread.time_ns - first_ns;
    trace(event);
    return thread.time_ns;
}

void Execution::sleep_for(uint64_t ns) {
    if (ns == 0) {
        choice_point(OperationKind::yield, 0);
    } else {
        choice_point_of_clock(OperationKind::yield);
        time.advance(ns);
        current().time_ns = time.now_ns();
    }
    // After a sleep the time is another one: others may see that before this thread does anything.
    current().skips_choice_point = ns == 0;
    Event event{};
    event.kind = Event::Kind::yield;
    event.value = ns;
    trace(event);
}

void Execution::let_time_pass_until(uint64_t ns) {
    choice_point_of_clock(OperationKind::yield);
    time.sleep_until(ns);
    current().time_ns = time.now_ns();
}

void Execution::sleep_until(uint64_t ns) {
    let_time_pass_until(ns);
    Event event{};
    event.kind = Event::Kind::yield;
    event.value = ns;
    trace(event);
}

void Execution::reach_limit(uint64_t ns) {
    let_time_pass_until(ns);
    trace_limit();
}

}  // namespace weave
