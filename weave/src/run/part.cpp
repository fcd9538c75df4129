// A list in the order of one process.
#include "run/part.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "run/pack.h"

namespace weave {

Parts::Parts() { parts_.emplace_back().id = next_id_++; }

Part* Parts::next_open() {
    const auto found = std::find_if(parts_.begin(), parts_.end(), [](const Part& part) {
        return !part.is_over && !part.is_running;
    });
    return found == parts_.end() ? nullptr : &*found;
}

Part* Parts::find(uint64_t id) {
    const auto found =
        std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.id == id; });
    return found == parts_.end() ? nullptr : &*found;
}

Part& Parts::add_after(const Part& part, std::string plan) {
    auto at = std::find_if(parts_.begin(), parts_.end(),
                           [&](const Part& other) { return &other == &part; });
    Part& added = *parts_.emplace(std::next(at));
    added.id = next_id_++;
    added.plan = std::move(plan);
    return added;
}

void Parts::drop_after(const Part& part) {
    while (&parts_.back() != &part) {
        parts_.pop_back();
    }
}

void Parts::fold() {
    for (auto part = parts_.begin(); part != parts_.end(); ++part) {
        for (auto next = std::next(part);
             part->is_over && !part->ends_all && next != parts_.end() && next->is_over;
             next = std::next(part)) {
            part->tally.add(next->tally);
            part->ends_all = next->ends_all;
            part->end = next->end;
            parts_.erase(next);
        }
    }
}

Part* Parts::mark_statuses() {
    bool has_zero = false;
    bool has_other = false;
    for (Part& part : parts_) {
        has_zero |= part.tally.numbers.first_zero != 0;
        has_other |= part.tally.with_status.number != 0;
        if (has_zero && has_other) {
            part.ends_all = true;
            part.end = is_finding(part.tally.numbers.verdict) ? part.end : End::finding;
            drop_after(part);
            return &part;
        }
        if (!part.is_over || part.ends_all) {
            return nullptr;
        }
    }
    return nullptr;
}

bool Parts::is_over() const {
    return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.is_over; });
}

Tally Parts::total() const {
    Tally total;
    for (const Part& part : parts_) {
        total.add(part.tally);
        if (part.ends_all) {
            break;
        }
    }
    return total;
}

Part* Parts::decider() {
    for (Part& part : parts_) {
        if (part.ends_all) {
            return &part;
        }
        if (!part.is_over) {
            return nullptr;
        }
    }
    return nullptr;
}

size_t Parts::open_count() const {
    return static_cast<size_t>(std::count_if(parts_.begin(), parts_.end(), [](const Part& part) {
        return !part.is_over && !part.is_running;
    }));
}

std::string Parts::save() const {
    Packer packer;
    packer.put(uint64_t{parts_.size()});
    for (const Part& part : parts_) {
        packer.put(part.is_over);
        packer.put(part.ends_all);
        packer.put(part.end);
        part.tally.save(packer);
        packer.put_text(part.plan);
    }
    return packer.bytes();
}

void Parts::load(const std::string& bytes) {
    Unpacker unpacker(bytes);
    parts_.clear();
    for (size_t i = unpacker.take_count(); i != 0; --i) {
        Part& part = parts_.emplace_back();
        part.id = next_id_++;
        part.is_over = unpacker.take<bool>();
        part.ends_all = unpacker.take<bool>();
        part.end = unpacker.take<End>();
        part.tally.load(unpacker);
        part.plan = unpacker.take_text();
    }
    if (parts_.empty()) {
        throw std::runtime_error("no parts");
    }
}

}  // namespace weave
