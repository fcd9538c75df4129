// The search through execution graphs behind Mode::exhaustive: each execution that it runs has
// another graph. weave/SEARCH.md says how it works and why it misses none.
//
// An execution first repeats the events of a *plan*, whose loads and stores have their places
// already, and then adds events: each load returns the newest store, and each store becomes the
// newest one. For each other place that an event could have, an *item* is noted, from which a later
// execution gets its plan.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "graph/digest.h"
#include "graph/event.h"
#include "model/atomic.h"
#include "model/location.h"
#include "run/base.h"
#include "run/chooser.h"

namespace weave {

class Execution;
class Packer;
class Unpacker;
struct Snapshot;
struct Thread;

/// How an atomic operation reads.
struct GraphRead {
    Reads reads_for;
    bool is_weak;                  ///< an exchange that may fail though it reads `expected`
    std::memory_order stored;      ///< the order if it stores
    std::memory_order not_stored;  ///< the order if it does not
    Value expected;                ///< of an exchange
    Value operand;
    Modify modify;  ///< what it stores after a value, with the operand; null if it does not store,
                    ///< or if that is not known yet
    bool is_bound = false;  ///< to the store that is newest when it is executed
    Needs needs = Needs::nothing;
};

/// An atomic operation that reads, before other threads may run.
struct GraphLook {
    uintptr_t address;
    uint32_t pc;
    bool is_exchange;
    std::memory_order order;  ///< if it stores nothing
    Value expected;           ///< of an exchange
    Value operand;
};

class GraphSearch {
  public:
    /// `is_symmetric`: of executions that differ in names of twins only, one is enough.
    /// `is_digesting`: digest() is called after each execution.
    GraphSearch(bool is_symmetric, bool is_digesting)
        : is_digesting_(is_digesting), symmetry_(is_symmetric ? Symmetry::full : Symmetry::none) {}

    // ----- between executions ------------------------------------------------------------------

    /// Plans the next execution. False if there is none left.
    bool begin();
    /// Plans the last execution again.
    void repeat() { is_repeated_ = true; }
    /// Has the search left out what may follow a finding?
    bool is_cut() const { return is_cut_; }
    /// Why this search cannot explore the program, or null: an operation that it does not model.
    const char* unsupported() const { return unsupported_; }
    /// Does the search begin anew, with less symmetry or none, or with the clock's order?
    bool wants_anew() const { return wanted_symmetry_ != symmetry_ || wants_clock_ != has_clock_; }
    /// Why threads that have begun alike are not taken for the same any more, or null.
    const char* asymmetry() const { return asymmetry_; }
    /// The next begin() begins the search anew, with as much symmetry as is possible.
    void prepare_anew();
    /// Does the program look at the clock? What advances it is in an order then.
    bool has_clock() const { return has_clock_; }
    /// Has the last execution ended early, because others cover what it could still do?
    bool was_blocked() const { return was_blocked_; }
    /// Has it ended at once for that reason? Then it does not count.
    bool was_dropped() const { return was_dropped_; }
    /// Has the last execution only answered a question? It comes again: see rounds.cpp.
    bool wants_repeat() const { return wants_repeat_; }

    /// What the last execution has done, if it has ended by itself.
    Digest digest();
    /// How much of the search is over, of 1: the weight of the executions so far.
    double done() const { return done_; }
    /// Number of plans that no execution has, because no order S agrees with them.
    uint64_t dropped() const { return dropped_; }

    /// Forgets all graphs and begins the search anew.
    bool begin_anew();

    // Between an execution and the next begin():
    /// Notes all that the last execution has left to do. False if that is not possible yet, as a
    /// finding is to be passed first.
    bool can_be_saved();
    void save(Packer& packer) const;
    /// Throws std::runtime_error.
    void load(Unpacker& unpacker);
    /// Writes the whole search, as load() takes it.
    void save_root(Packer& packer) const;
    /// Gives away the part that would be explored last, as load() takes it. False if there is none
    /// of at least this weight.
    bool give(Packer& packer, double weight_min);
    /// Number of items, each of which is a part that load() can begin with.
    size_t item_count() const { return items_.size(); }
    void save_item(size_t item, Packer& packer) const;

    // ----- called by the execution, on a fiber --------------------------------------------------

    void begin_execution(Execution& execution);
    /// The current thread is at a choice point, before this kind of operation.
    void arrive(OperationKind kind);
    /// The current thread comes to an operation that reads; the next choice point is before that.
    /// `frame` is the entry point's WEAVE_FRAME.
    void comes(const GraphLook& look, const void* frame);
    /// It has read `store`, and stores nothing.
    void looked(const Location& location, const Store& store);
    /// The current thread comes to a lock, or tries to take one; the next choice point is before
    /// that. `wanted` is what it needs to have it.
    void comes_to_lock(const SyncObject& object, Wants wanted, uint32_t pc, const void* frame);
    /// The current thread makes a bound read, which tells other threads nothing. `is_last`: it
    /// would not continue like this a second time.
    const Store* look_at_newest(const Location& location, const Value& expected, Needs needs,
                                bool is_last);
    /// The last read has not got what its thread needs: this runs no further in this graph. It does
    /// in one in which the read is undone.
    void gives_up();
    /// Does this execution only answer a question?
    bool is_asking() const { return asked_.stage != Stage::nothing; }
    /// Is the search to be told of the plain accesses of the current thread?
    bool watches_plain() const { return asked_.stage == Stage::answering || is_digesting_; }
    bool is_digesting() const { return is_digesting_; }
    void sees_plain(uintptr_t address, size_t size, bool is_write);
    /// Is the next read of the current thread not to be made, but to return give_answer()?
    bool is_asked() const;
    Value give_answer() {
        asked_.stage = Stage::answering;
        asked_.is_at_read = false;
        return asked_.answer.values[asked_.given++];
    }
    /// The execution ends without a finding.
    void ends();
    /// The current thread calls exit().
    void exits();
    /// The thread that runs next.
    unsigned choose_thread(const ThreadSet& enabled, unsigned current);
    /// A choice that is neither of a thread nor of a store.
    unsigned choose(unsigned count);

    /// The current thread reads an object. Returns the store that it gets, which is none of
    /// `not_older_than` and the ones before it unless it is the newest.
    const Store* read(const Location& location, const GraphRead& reading,
                      const Store* not_older_than);
    /// The store that an exchange of the current thread would get, or null if it is already decided
    /// or cannot be.
    const Store* peek(const Location& location);
    /// The read is not over: the next read() is the same one.
    void keep_read() { is_read_already_ = true; }
    /// The store after which the store of the current thread goes.
    const Store* place(const Location& location, std::memory_order order);
    /// The store has been made: what place() was called for, or that of the last read().
    void wrote(const Location& location, Store& store);
    /// The operation has taken another store than the one that read() or place() named.
    void check(const Store& taken);
    void fence(std::memory_order order);
    /// The current thread is about to lock, unlock or the like.
    void announces(const SyncObject& object, Wants wants);
    /// It does so now. `is_unlock`: it gives back what it has locked.
    void acts(const SyncObject& object, bool is_unlock);
    /// The same for an operation on a futex, which may have been freed. Only one of `is_turn` has a
    /// place in the order of its object.
    void announces_futex(uintptr_t address);
    void acts_on_futex(uintptr_t address, bool is_turn);

    /// `known`: by the thread that has started it. Returns what it knows itself if that is less.
    const Snapshot* created(unsigned thread, const Clock& known);
    void ended(unsigned thread);
    /// False if the current thread is to learn what the other has done when it joins the last of
    /// its twins.
    bool joins(unsigned thread);
    /// The current thread learns something that tells it from its twins.
    void tells_twins_apart(const char* what);
    /// The current thread wakes another one, which continues after that.
    void wakes(unsigned thread);
    /// The current thread comes to a wait with a limit in this state: see state_at_limit().
    void comes_to_limit(uint64_t state) { state_at_limit_ = state; }
    /// Does the wait end by its limit? 0 or 1.
    unsigned choose_limit();
    /// Does the current thread sleep on a futex? 0 or 1.
    unsigned choose_sleep();
    /// Does an operation fail for no reason? 0 or 1.
    unsigned choose_failure() { return take_choice(2); }
    /// The current thread looks at the clock.
    void looks_at_clock() { wants_clock_ |= follows(); }
    /// The next wait of the current thread would end by its limit, if no thread wakes it.
    void waits_with_limit();
    /// Does the execution still say something to the search?
    bool follows() const { return !is_lost_ && !is_finishing_ && unsupported_ == nullptr; }
    /// No thread can run.
    void stands_still();
    /// The current thread has a finding, which ends the execution.
    void fails(Verdict verdict);
    /// The program does something that this search does not model.
    void meets(const char* what) { unsupported_ = follows() ? what : unsupported_; }

    /// The store that read() or place() named last.
    const Store* wanted() const { return wanted_; }

  private:
    static constexpr size_t events_max = size_t{1} << 20;
    static constexpr size_t items_max = size_t{1} << 22;
    static constexpr size_t frames_max = 1000;

    /// A graph and what is still to be done with it. The deeper ones come from revisits.
    struct Frame {
        size_t events;  ///< where its events begin, ...
        size_t order;   ///< ... their order, ...
        size_t items;   ///< ... and its items
    };

    enum class ItemKind : uint8_t {
        read,     ///< the read returns the store `target`
        failure,  ///< the same, and the exchange fails though it has read what it expected
        place,    ///< the write goes after the store `target`
        choice,   ///< the choice has another value
        sync,     ///< the sync event comes after `place` and before `target`
        revisit,  ///< the write goes after `place`, and the read `target` returns it
        moot      ///< the RMW `stamp` reads `place`, and the read `target` returns its store
    };

    struct Item {
        ItemKind kind;
        uint8_t value;  ///< of a choice; of others: does the read store then? See Stores
        Stamp stamp;
        Stamp target;
        Stamp place;
        double weight = 0;  ///< how much of the search it stands for: see share_weight()
    };

    /// Does an operation store after it has read?
    enum Stores : uint8_t { stores_nothing, stores_something, stores_perhaps };

    /// A write that revisits, or would.
    struct Revisitor {
        const Location* location;  ///< null for an event that is not a store
        const Prefix& porf;
        Stamp newest;         ///< the last stamp before it
        const Store* made;    ///< null if it is only thought of
        const Store* read;    ///< of an RMW: what it has read; otherwise null
        const Prefix* known;  ///< the epochs that happen before it; only if it is no RMW
        Item item;
        const Value* value;  ///< that it stores; null if that is not known
    };

    GraphEvent& at(Stamp stamp) { return events_[frame_.events + stamp - 1]; }
    Stamp count() const { return static_cast<Stamp>(events_.size() - frame_.events); }
    Stamp* order() { return order_.begin() + frame_.order; }
    size_t order_count() const { return order_.size() - frame_.order; }
    Stamp stamp_of(const Store& store) const {
        return store.number < stamps_.size() ? stamps_[store.number] : 0;
    }
    static bool contains(const Prefix& prefix, const GraphEvent& event) {
        return event.index <= prefix.of[event.thread];
    }

    // An execution.
    bool is_planned() const { return next_ < planned_; }
    unsigned current_name() const;
    GraphEvent& add(GraphKind kind);
    GraphEvent* take(GraphKind kind);
    GraphEvent* take_or_add(GraphKind kind, bool& is_new);
    unsigned take_choice(unsigned number);
    void take_turn(Stamp& last, Wants wants, bool is_free, bool is_free_to_share,
                   bool teaches = true, bool is_of_round = false);
    Stamp& last_turn_of_futex(uintptr_t address);
    void lose();
    void settle(GraphEvent& event, const Location* location);
    void end_event(GraphEvent& event, Stamp read, bool teaches = true);
    void learn(unsigned name, Stamp stamp, Stamp from);
    const Prefix& learnt_by(unsigned name) const {
        return has_clock_ ? learnt_[name] : times_[name];
    }
    bool has_learnt_since(unsigned name, const Prefix& before) const;
    const Store* initial(const Location& location) const;
    bool knows(const Prefix& known, const Store& store) const;
    bool knew(const GraphEvent& read, const Store& store);
    unsigned finish(const ThreadSet& enabled);

    bool is_blocked(unsigned thread) const;
    static bool is_free(const SyncObject& object);
    static bool is_free_to_share(const SyncObject& object) {
        return object.owner == SyncObject::no_owner;
    }

    // What else could be.
    void note_other_turns(Stamp stamp);
    void note_turns_of_blocked();
    void note_other_values(Stamp stamp);
    void end_plan();
    void note_other_stores(const Location& location, Stamp stamp, const GraphRead& reading,
                           const Store* not_older_than);
    void note_other_places(const Location& location, Stamp stamp);
    void revisit(const Revisitor& by);
    void note_revisits(const Revisitor& by, Stamp target);
    bool is_maximal(Stamp stamp, const Revisitor& by);
    Stores stores_of(const GraphEvent& read, const Value* value) const {
        return read.reads_for == Reads::exchange && value == nullptr ? stores_perhaps
               : value != nullptr && stores_after(read, *value)      ? stores_something
               : read.reads_for == Reads::modify                     ? stores_something
                                                                     : stores_nothing;
    }
    static bool stores_after(const GraphEvent& read, const Value& value);
    static bool is_met(const GraphEvent& read, const Value& value) {
        return read.needs == Needs::nothing ||
               (value == read.expected) == (read.needs == Needs::expected);
    }

    // Rounds of loops: rounds.cpp.

    /// A read of a thread that has changed nothing since.
    struct Look {
        uint64_t state;  ///< of the thread when it came to the read; 0: not known
        uint16_t index;  ///< of the read, within its thread
        Stamp stamp;
        uintptr_t address;
        uint32_t pc;
        bool is_exchange;
        bool acquires;
        bool is_sc;
        bool is_released;  ///< what it has read carries a release
        bool is_bound;     ///< of a futex, whose `state` is not known, or of a lock
        bool is_last;      ///< the thread would not continue like this a second time
        Value expected;
        Value value;               ///< that it has read
        const Location* location;  ///< with the store that it has read; null if of a lock
        const Store* store;
        const Watch*
            watch;  ///< of a lock: its content if it was taken, or else its availability, ...
        uint64_t version;           ///< ... and which one that was
        uint32_t locks_given_back;  ///< by the thread until then
    };
    struct Window {
        static constexpr unsigned looks_max = 16;
        uint64_t changes;  ///< of the thread
        unsigned count;
        Look looks[looks_max];
        Look coming;
        Wants wanted;     ///< of the lock that the thread comes to
        bool is_at_lock;  ///< `coming` is one
    };
    enum class Stage : uint8_t { nothing, asked, answering };
    /// The bytes of a plain read.
    struct Bytes {
        uintptr_t address;
        uint64_t value;
        uint8_t size;
    };
    /// To which state a thread comes from `state` if it reads `values` there and next, and the
    /// bytes that decide that too.
    struct Answer {
        static constexpr unsigned values_max = 3;
        static constexpr unsigned bytes_max = 8;
        uint64_t state;  ///< 0: no answer is kept here
        unsigned value_count;
        Value values[values_max];
        uint64_t next;  ///< 0: not known
        unsigned byte_count;
        Bytes bytes[bytes_max];
    };
    struct Asked {
        Stage stage;
        uint8_t thread;
        bool is_at_read;                 ///< that is to return the next value
        uint16_t index;                  ///< of the first read, within its thread
        unsigned given;                  ///< number of values that were returned
        Look later[Answer::values_max];  ///< the reads after the first
        Answer answer;
    };
    static constexpr size_t answers_max = 4096;
    /// If a state still differs from execution to execution, its question has no answer.
    static constexpr unsigned questions_in_a_row_max = 1024;

    void begin_windows();
    bool begin_look(Window& window);
    bool repeats_round(Window& window);
    void note_lock(const SyncObject& object);
    uint64_t held_by(unsigned thread) const;
    static bool covers(const Window& window, unsigned first, unsigned last);
    bool leads_here(const Window& window, unsigned first, unsigned last);
    Answer& answer_for(const Answer& question);
    [[noreturn]] void ask(const Window& window, unsigned first, unsigned last,
                          const Answer& question);
    void drop_if_for_good(Stamp last);
    void add_look(Window& window, const Look& look);
    void comes_while_asked(const GraphLook& look, uint64_t state);
    void keep_answer(uint64_t next);
    [[noreturn]] void end_asking(uint64_t next);
    void close_window() { windows_[current_name()].count = 0; }
    bool is_looking_at_newest(unsigned thread) const;
    bool keeps_wanted_lock(unsigned thread) const;
    bool waits_in_vain() const;

    void settle_last();

    // Twins: symmetry.cpp.

    /// Which executions are left out because twins have other names in them.
    enum class Symmetry : uint8_t {
        none,
        turns,  ///< those in which the second twin is the first to do what both have come to
        full    ///< the same, and those in which both read or write there and the second one is
                ///< earlier in modification order
    };
    /// What is known of a thread that may have begun like others.
    struct Twin {
        uint8_t of;      ///< its twin: the name of the thread that began right before; or no_twin
        uint8_t first;   ///< the name of the first of all its twins
        uint8_t parent;  ///< has started it
        bool is_other;   ///< is not the same as its twin any more
        bool is_in_family;  ///< has a twin, or the thread that has started it is in the family
        bool has_looked;    ///< has learnt who it is, or a thread that it has started has
        bool has_ended;
        bool owns_block;        ///< its argument is a block that only it uses
        uint32_t same;          ///< number of its events that are known to be those of its twin
        uint16_t count;         ///< of the first: number of twins
        uint16_t joined;        ///< of the first: number of them that are joined
        uintptr_t block;        ///< its argument if that is a block of the heap, ...
        size_t block_size;      ///< ... 0: it is not
        uint64_t bytes;         ///< stands for what the block held at first
        const Snapshot* known;  ///< by the thread that has started it, then
        Prefix began;           ///< what came before its start
    };
    static constexpr uint8_t no_twin = UINT8_MAX;

    void begin_twins();
    const Snapshot* begin_twin(unsigned name, unsigned parent, const Clock& known);
    unsigned previous_child(unsigned name) const;
    bool begins_alike(unsigned first, unsigned second);
    void note_argument(Twin& twin, void* argument);
    void take_block(const Twin& twin);
    void tell_apart(const char* what);
    bool join_twin(unsigned name);
    void come_between_joins();
    void check_symmetry(const GraphEvent& event);
    void note_done(const GraphEvent& event);
    bool is_same(Stamp first, Stamp second);
    bool is_tied(unsigned name);
    bool waits_for_twin(unsigned thread) { return has_twins_ && is_turn_of_twin(thread); }
    bool is_turn_of_twin(unsigned thread);
    Stamp follow_twin(unsigned name);
    bool may_read(const GraphEvent& read, const Store& store) {
        return read.twin == 0 || may_read_beside_twin(read, store);
    }
    bool may_read(const GraphEvent& read, const Store& store, const Prefix* porf) {
        return read.twin == 0 || may_read_beside_twin(read, store, porf);
    }
    bool may_read_beside_twin(const GraphEvent& read, const Store& store);
    bool may_read_beside_twin(const GraphEvent& read, const Store& store, const Prefix* porf);
    bool is_of_twin(const GraphEvent& write, const Store& store);

    // In digest.cpp.
    void note_write(uintptr_t address, size_t size);
    uint64_t identity_of(Stamp stamp);

    // In state.cpp.
    double share_weight();
    Item pop_item();
    void put_head(Packer& packer, bool is_cut) const;
    void put_frame(Packer& packer, size_t frame) const;
    void clear();

    // Plans.
    bool apply(const Item& item);
    void apply_revisit(const Item& item);
    void keep(Stamp last, const Prefix& porf, Stamp target);
    void apply_turn(const Item& item);
    void set_read(GraphEvent& read, Stamp store, uint8_t stores);
    void cut(Stamp last);
    void begin_frame(const Frame& frame);
    void pop_frame();
    GraphEvent& add_after(Stamp previous, GraphKind kind);
    void add_choice(Stamp read, uint8_t value);
    void add_stores(Stamp read, uint8_t stores);
    void move_to_end(Stamp stamp);
    void move_read_to_end(Stamp stamp);
    void set_place(Stamp stamp, Stamp older);
    void push_frame(const bool* is_kept, const bool* is_added_again);
    void go_on_without_failed();
    bool put_in_order();
    void find_constraints(size_t nodes);

    Execution* execution_ = nullptr;
    Growing<GraphEvent, events_max> events_;
    Growing<Stamp, events_max> order_;  ///< of each frame: its stamps as they are run
    Growing<Frame, frames_max> frames_;
    Frame frame_{};  ///< the last one, but its items may be fewer by now
    Growing<Item, items_max> items_;
    Growing<Stamp, size_t{1} << 22> stamps_;  ///< by number of the store
    bool has_begun_ = false;
    bool is_repeated_ = false;
    bool is_cut_ = false;
    bool is_over_ = false;  ///< settle_last() has been called for the last execution
    double done_ = 0;
    double weight_ = 1;   ///< of the execution, and of the items that it notes
    size_t weighed_ = 0;  ///< number of items that have their weight
    uint64_t dropped_ = 0;
    const char* unsupported_ = nullptr;

    // For put_in_order(): groups of events that nothing comes between.
    Growing<Stamp, events_max> old_order_;
    Growing<uint32_t, events_max> nodes_;  ///< where each group begins
    Growing<uint32_t, events_max> node_of_;
    Growing<uint32_t, events_max> ranks_;  ///< of each write in the modification order, from 1
    Growing<uint64_t, size_t{1} << 22> constraints_;  ///< a row for each group: what comes before
    Growing<Stamp, events_max> map_;  ///< from the stamps of a frame to those of the next
    Growing<bool, events_max> marks_;
    Growing<bool, events_max> again_;

    // The execution.
    size_t next_ = 0;     ///< number of events so far
    size_t planned_ = 0;  ///< number of events in the plan, or so far
    Stamp planned_stamps_ = 0;
    size_t planned_items_ = 0;
    Stamp fresh_ = 1;      ///< from this stamp on, the events of the plan are new
    Stamp revisitor_ = 0;  ///< a new store of the plan, and its object
    const Location* revisitor_at_ = nullptr;
    bool is_lost_ = false;
    Stamp finished_ = 0;         ///< the read of such a thread
    bool is_finishing_ = false;  ///< only threads that have a finding are left
    const Store* wanted_ = nullptr;
    Stamp reading_ = 0;  ///< the read of the current operation, or its sync event
    Stamp writing_ = 0;  ///< its write, if it is no RMW
    bool writing_is_new_ = false;
    bool is_read_already_ = false;
    struct Announced {
        const SyncObject* object;  ///< null: none, or a futex
        Wants wants;
        bool is_futex;
    };
    Announced announced_[64];            ///< by id of the thread
    Growing<Stamp, 1 << 16> last_sync_;  ///< by number of the object
    struct Futex {
        uintptr_t address;
        Stamp last;
    };
    Growing<Futex, 1 << 16> futexes_;

    ThreadSet parked_;   ///< threads at a choice point
    ThreadSet exiting_;  ///< threads that have called exit(): they run last
    bool has_ghosts_ = false;
    size_t turn_began_ = 0;
    unsigned failed_ = threads_max;

    Window windows_[graph_threads_max];
    uint16_t last_planned_[graph_threads_max];  ///< index of the thread's last event in the plan
    uint16_t last_change_[graph_threads_max];   ///< ... and of its last change
    ThreadSet waiting_;                         ///< threads that would repeat a round of a loop
    ThreadSet redundant_;  ///< threads that would do what they do in another execution too
    ThreadSet limited_;    ///< threads whose wait has a limit, if they wait
    /// What a thread had learnt and changed when waits of it ended by their limits.
    struct TimedOut {
        static constexpr unsigned states_max = 64;
        Prefix learnt;
        unsigned count;  ///< of such waits since it has learnt something
        struct {
            uint64_t state;  ///< when it came to the wait; 0: not known
            uint64_t changes;
        } states[states_max];
    };
    TimedOut timed_out_[graph_threads_max];
    uint64_t state_at_limit_ = 0;  ///< of the current thread; 0: not known

    // The clock: what a thread learns by a look at it is only the time.
    bool has_clock_ = false;
    bool wants_clock_ = false;
    Prefix learnt_[graph_threads_max];          ///< times_ without that
    Growing<Prefix, events_max> learnt_until_;  ///< by stamp: the same of its thread, with itself
    bool was_blocked_ = false;
    bool was_dropped_ = false;
    bool wants_repeat_ = false;
    Asked asked_{};
    Growing<Answer, answers_max> answers_;
    size_t answer_count_ = 0;
    unsigned questions_in_a_row_ = 0;  ///< before this execution can get any further

    const bool is_digesting_;
    WriteLog writes_;

    Symmetry symmetry_;
    Symmetry wanted_symmetry_ = symmetry_;
    const char* asymmetry_ = nullptr;
    bool has_twins_ = false;         ///< in this execution
    unsigned half_joined_ = 0;       ///< number of groups of twins of which some are joined
    Twin twins_[graph_threads_max];  ///< by name
    Growing<Stamp, size_t{1} << 16> done_by_[graph_threads_max];  ///< its events, by name

    // Threads have the same name in all executions: the k-th one that a thread starts.
    struct Name {
        uint8_t parent;
        uint8_t ordinal;
    };
    unsigned name_count_ = 0;
    Name named_[graph_threads_max];
    uint8_t children_[graph_threads_max];
    uint16_t ids_[graph_threads_max];  ///< in this execution
    uint8_t names_[64];                ///< by id
    Prefix times_[graph_threads_max];  ///< what comes before the thread's next event
};

}  // namespace weave
