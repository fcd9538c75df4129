// What choosers learn of a program from its executions: which objects its threads share, and how
// often each thread uses them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"
#include "run/chooser.h"

namespace weave {

/// Threads have other ids in other executions, so a *role* stands for the thread that is created in
/// the same place of the tree of threads: the third thread of the first thread, say. Objects are
/// known by their addresses, which are the same for globals and for what is allocated in the same
/// order. Tables that are full learn nothing more. Not for use by several threads of the system.
class Survey {
  public:
    static constexpr uint32_t no_role = 0;
    static constexpr uint32_t first_role = 1;  ///< of the thread that begins
    static constexpr uint32_t roles_max = 1u << 13;
    static constexpr uint32_t objects_max = 1u << 13;
    static constexpr uint32_t no_object = ~uint32_t{0};

    /// A use of an object by the thread of a role.
    struct Use {
        uint32_t role;
        uint32_t object;   ///< its index
        uint32_t count;    ///< the most operations in an execution so far
        uint32_t current;  ///< those in execution `execution`
        uint64_t execution;
        bool changes;  ///< it has changed the object, or what the lock protects
    };

    Survey();

    void begin_execution();
    /// As Chooser::created().
    void created(unsigned parent, unsigned child);
    /// The operation that the thread does next.
    void note(unsigned thread, const Operation& operation);

    /// The role of a thread of this execution; no_role if there are too many.
    uint32_t role(unsigned thread) const { return roles_of_[thread]; }
    /// One more than the last role that was ever seen.
    uint32_t role_bound() const { return role_count_; }
    /// The role of the thread that creates the threads of a role.
    uint32_t parent(uint32_t role) const { return roles_[role].parent; }

    /// The index of the object at an address, or no_object.
    uint32_t object_at(uintptr_t address) const;
    size_t object_count() const { return objects_.size(); }
    /// Do several threads use it, and does one change it or take it as a lock?
    bool is_contended(uint32_t object) const {
        return objects_[object].is_shared && objects_[object].is_written;
    }
    /// Do several threads use it, and does one change it, or what it protects as a lock?
    bool is_changed(uint32_t object) const {
        return objects_[object].is_shared && objects_[object].is_changed;
    }
    /// What a role does with an object, or null if it has not been seen to use it.
    const Use* use(uint32_t role, uint32_t object) const;
    const Use* begin() const { return uses_.begin(); }
    const Use* end() const { return uses_.end(); }

  private:
    static constexpr uint32_t uses_max = 1u << 15;

    struct Role {
        uint32_t parent;
        uint32_t number;  ///< among the threads of the parent, from 0
    };
    struct Object {
        uintptr_t address;
        uint32_t first_role;
        bool is_shared;
        bool is_written;
        bool is_changed;
    };
    /// The lock that a thread has taken last, and ThreadState::changes then.
    struct Section {
        uintptr_t lock;
        uint32_t changes;
    };

    /// Finds what is equal to a key among numbered things: open addressing, at most half full.
    template <uint32_t Capacity>
    class Index {
      public:
        Index() : slots_(static_cast<uint32_t*>(reserve(sizeof(uint32_t) * 2 * Capacity))) {}

        /// The slot of a thing, or the empty one in which its number plus one goes.
        template <class IsEqual>
        uint32_t& find(uint64_t key, IsEqual is_equal) const {
            constexpr uint64_t odd = 0x9e37'79b9'7f4a'7c15;
            uint32_t slot = static_cast<uint32_t>((key * odd) >> 32) % (2 * Capacity);
            while (slots_[slot] != 0 && !is_equal(slots_[slot] - 1)) {
                slot = (slot + 1) % (2 * Capacity);
            }
            return slots_[slot];
        }

      private:
        uint32_t* const slots_;
    };

    uint32_t find_role(uint32_t parent, uint32_t number);
    uint32_t find_object(uintptr_t address, uint32_t role);
    Use* find_use(uint32_t role, uint32_t object);

    uint64_t execution_ = 0;
    uint32_t role_count_ = 0;
    uint32_t roles_of_[threads_max] = {};
    uint32_t children_of_[threads_max] = {};
    Section sections_[threads_max] = {};
    Growing<Role, roles_max> roles_;
    Growing<Object, objects_max> objects_;
    Growing<Use, uses_max> uses_;
    Index<roles_max> role_index_;
    Index<objects_max> object_index_;
    Index<uses_max> use_index_;
};

/// A chooser that takes a Survey, with one of its own.
template <class Learning>
class Surveyed final : private Survey, public Learning {
  public:
    explicit Surveyed(uint64_t seed) : Learning(seed, static_cast<Survey&>(*this)) {}
};

}  // namespace weave
