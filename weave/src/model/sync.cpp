// A list in each cell: most cells have no object, and the others one.
#include "model/sync.h"

namespace weave {

SyncObject* SyncObjects::find(uintptr_t address) {
    const Cell* const cell = cells_.if_ready(address);
    SyncObject* object = cell == nullptr ? nullptr : cell->objects;
    while (object != nullptr && object->address != address) {
        object = object->next;
    }
    return object;
}

SyncObject& SyncObjects::find_or_make(uintptr_t address, SyncKind kind) {
    SyncObject* object = find(address);
    if (object != nullptr && object->kind != kind) {
        forget(address);
        object = nullptr;
    }
    if (object == nullptr) {
        Cell& cell = cells_.at(address);
        object = arena_.make<SyncObject>();
        object->address = address;
        object->next = cell.objects;
        object->kind = kind;
        object->owner = SyncObject::no_owner;
        object->number = ++count_;
        object->made_before = newest_;
        newest_ = object;
        cell.objects = object;
    }
    WEAVE_CHECK(object->kind == kind && object->address == address, object->kind, kind, address);
    return *object;
}

void SyncObjects::forget(uintptr_t address) {
    const SyncObject* const object = find(address);
    for (SyncObject** link = &cells_.at(address).objects; *link != nullptr; link = &(*link)->next) {
        if (*link == object) {
            *link = object->next;
            return;
        }
    }
}

bool SyncObjects::keeps_wanted_lock(unsigned thread) const {
    for (const SyncObject* object = newest_; object != nullptr; object = object->made_before) {
        const bool is_wanted =
            !object->waiters.is_empty() || !object->availability.spinners.is_empty();
        if (is_wanted && object->is_held_by(thread)) {
            return true;
        }
    }
    return false;
}

}  // namespace weave
