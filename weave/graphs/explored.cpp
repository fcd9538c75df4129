// Reads the graphs from the timelines and from the lists of stores, not from the search.
#include "explored.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include <graph/graph_search.h>
#include <run/execution.h>
#include <run/image.h>
#include <run/search.h>

#include "note.h"

namespace {

using litmus::Outcome;
using litmus::Test;

std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}

/// An event of a thread, such as "2.5".
std::string name_of(unsigned thread, size_t index) {
    return std::to_string(thread) + "." + std::to_string(index);
}

/// A lock, an unlock or the like, which has a place in the order of its object.
bool is_turn(weave::Event::Kind kind) {
    using Kind = weave::Event::Kind;
    return kind == Kind::lock || kind == Kind::try_lock_failed || kind == Kind::unlock ||
           kind == Kind::take || kind == Kind::post || kind == Kind::call_once ||
           kind == Kind::once_done || kind == Kind::notify || kind == Kind::arrive;
}

/// Does a notification that comes later wake this wait for a condition or on a futex?
bool is_notified(const weave::Event* begin, const weave::Event* end) {
    using Kind = weave::Event::Kind;
    const weave::Event& wait = *begin;
    return std::find_if(begin + 1, end,
                        [&](const weave::Event& event) {
                            return event.kind == Kind::notify && event.address == wait.address &&
                                   (event.value == UINT64_MAX || event.value == wait.thread + 1u);
                        }) <
           std::find_if(
               begin + 1, end,
               [&](const weave::Event& event) {
                   return event.kind == Kind::woken && event.thread == wait.thread;
               });
}

/// Does it advance the clock?
bool is_of_clock(const weave::Event& event) {
    using Kind = weave::Event::Kind;
    return event.kind == Kind::look_at_clock || event.kind == Kind::limit ||
           (event.kind == Kind::yield && event.value != 0);
}

bool is_of(const weave::Execution& execution, uint32_t object, weave::SyncKind kind) {
    const weave::SyncObject* found = execution.objects().newest();
    while (found != nullptr && found->number != object) {
        found = found->made_before;
    }
    return found != nullptr && found->kind == kind;
}

/// How a wait begins and ends. One that another thread ends has a place in the order of its object.
std::string text_of_wait(const weave::Event* begin, const weave::Event* end) {
    using Kind = weave::Event::Kind;
    using weave::WaitBegin;
    switch (static_cast<WaitBegin>(begin->value)) {
        case WaitBegin::has_changed:
            return " ends as it has changed";
        case WaitBegin::ends_by_limit:
            return " ends by its limit";
        case WaitBegin::ends_for_no_reason:
            return " ends by itself";
        case WaitBegin::sleeps:
            break;
    }
    if (is_notified(begin, end)) {
        return "";
    }
    const weave::Event* const woken = std::find_if(begin, end, [&](const weave::Event& event) {
        return event.kind == Kind::woken && event.thread == begin->thread;
    });
    return woken != end && woken->value == 1 ? " ends by its limit" : " ends by itself";
}

}  // namespace

std::string graph_of(const weave::Execution& execution, bool has_clock) {
    std::map<unsigned, std::vector<std::string>> threads;
    std::map<std::pair<unsigned, uint32_t>, std::string> stores;  // by thread and step
    std::map<uintptr_t, std::string> locks;  // the events of each, and of the clock
    const auto& all = execution.timeline.events();
    for (const weave::Event& event : all) {
        using Kind = weave::Event::Kind;
        const bool is_on_futex =
            event.kind == Kind::wait && is_of(execution, event.object, weave::SyncKind::futex);
        const bool is_wait =
            is_on_futex || (event.kind == Kind::wait &&
                            is_of(execution, event.object, weave::SyncKind::condition));
        const bool is_clock = has_clock && is_of_clock(event);
        if (!weave::is_of_atomic(event.kind) && event.kind != Kind::fence && !is_turn(event.kind) &&
            !is_wait && !is_clock) {
            continue;
        }
        std::vector<std::string>& thread = threads[event.thread];
        std::string text = std::to_string(static_cast<int>(event.kind)) + "@" +
                           std::to_string(event.address) + ":" + std::to_string(event.pc) + " ";
        if (is_on_futex || (weave::is_of_atomic(event.kind) && event.kind != Kind::store)) {
            const auto read = stores.find({event.writer, event.read_step});
            text += " reads " +
                    (event.read_step == 0 || read == stores.end() ? "initial value" : read->second);
        }
        if (event.kind == Kind::store || event.kind == Kind::rmw) {
            stores[{event.thread, event.step}] = name_of(event.thread, thread.size());
        }
        if (event.kind == Kind::try_lock_failed && event.value == 1) {
            text += " for no reason";
        } else if (const std::string how =
                       is_wait ? text_of_wait(&event, &*all.begin() + all.size()) : "";
                   !how.empty()) {
            text += how;
        } else if (is_turn(event.kind) || is_wait || is_clock) {
            text += event.kind == Kind::notify ? " wakes " + std::to_string(event.value) : "";
            locks[event.address] += " " + name_of(event.thread, thread.size());
        }
        thread.push_back(text);
    }
    std::vector<std::string> orders;
    for (const auto& [object, events] : locks) {
        orders.push_back("lock:" + events);
    }
    for (const weave::Location* location = execution.locations.newest(); location != nullptr;
         location = location->made_before) {
        std::string order;
        if (location->newest->older == nullptr && location->newest->epoch == 0) {
            continue;  // no thread has stored to it
        }
        for (const weave::Store* store = location->newest; store != nullptr; store = store->older) {
            const auto made = stores.find({store->writer, store->step});
            order += store->epoch == 0 || made == stores.end() ? " initial" : " " + made->second;
        }
        orders.push_back(order);
    }
    std::sort(orders.begin(), orders.end());
    std::string text;
    for (const auto& [thread, events] : threads) {
        text += "thread " + std::to_string(thread) + ":";
        for (const std::string& event : events) {
            text += " " + event + ";";
        }
        text += "\n";
    }
    for (const std::string& order : orders) {
        text += order + "\n";
    }
    return text;
}

namespace {

/// The outcome of the last execution, which is not on the heap: its blocks end with the execution.
Outcome last;

/// What the threads have noted in it, in this order.
int noted[16];
int noted_count = 0;

/// What the variables hold before an execution: those of the C++ library too.
WEAVE_KEPT const weave::ImageSnapshot* variables = nullptr;

std::string text_of_outcome() {
    std::string text;
    for (int i = 0; i < last.count; ++i) {
        text += " " + std::to_string(last.values[i]);
    }
    std::sort(noted, noted + noted_count);
    for (int i = 0; i < noted_count; ++i) {
        text += " +" + std::to_string(noted[i]);
    }
    return text;
}

}  // namespace

void note_seen(int seen) { noted[noted_count++ % 16] = seen; }

Found explore(const Test& test, weave::Chooser& chooser, weave::Memory memory, uint64_t limit,
              bool restores_variables, bool has_clock) {
    Found found;
    found.has_clock = has_clock;
    weave::Settings settings;
    settings.memory = memory;
    settings.reuses_memory = false;
    settings.has_stacks = false;
    weave::Execution& execution = weave::the_execution();
#ifdef _LIBCPP_VERSION
    // As weave::explore() does: libc++ would make it in the first execution only.
    std::__thread_local_data();
#endif
    if (restores_variables && variables == nullptr) {
        variables = new weave::ImageSnapshot;
    }
    while (found.executions < limit) {
        if (!chooser.begin()) {
            found.is_complete = chooser.is_complete();
            break;
        }
        settings = settings_for(chooser, settings);
        if (chooser.graph() != nullptr) {
            found.has_clock = chooser.graph()->has_clock();
        }
        if (restores_variables) {
            variables->restore();
        }
        noted_count = 0;
        const weave::Verdict verdict = execution.run(
            settings, chooser, true,
            [](void* body) { last = reinterpret_cast<Outcome (*)()>(body)(); },
            reinterpret_cast<void*>(test.body));
        if (chooser.wants_repeat()) {
            const bool begins_anew = chooser.wants_anew();
            chooser.repeat();
            if (chooser.limitation() != nullptr) {
                break;
            }
            if (begins_anew) {
                found = {};
            }
            continue;
        }
        chooser.end(execution.steps());
        if (chooser.was_blocked()) {
            found.blocked += chooser.was_dropped() ? 0 : 1;
            continue;
        }
        ++found.executions;
        std::string outcome = weave::name_of(verdict);
        if (verdict == weave::Verdict::ok) {
            outcome += text_of_outcome();
            ++found.graphs[graph_of(execution, found.has_clock)];
        }
        found.outcomes.insert(outcome);
    }
    found.limitation = chooser.limitation() == nullptr ? "" : chooser.limitation();
    found.asymmetry = chooser.asymmetry() == nullptr ? "" : chooser.asymmetry();
    return found;
}

Arguments::Arguments(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--pins") == 0 && i + 1 < argc) {
            pins_file_ = argv[++i];
        } else {
            names_.insert(argv[i]);
        }
    }
}

bool Arguments::ask_for(const Test& test) const {
    return test.skipped == nullptr && (names_.empty() || names_.count(test.name) != 0);
}

bool Arguments::agree_with(const std::string& counts) const {
    if (pins_file_ == nullptr) {
        return true;
    }
    std::ifstream in(pins_file_);
    if (std::string{std::istreambuf_iterator<char>(in), {}} == counts) {
        return true;
    }
    const std::string found = std::filesystem::path(pins_file_).filename().string() + ".new";
    std::ofstream(found) << counts;
    std::printf(
        "the numbers of executions differ from those of %s; see the file %s in the current "
        "folder\n",
        pins_file_, found.c_str());
    return false;
}

litmus::Registration::Registration(const Test& test) { tests().push_back(test); }

const std::vector<Test>& litmus::all_tests() {
    std::sort(tests().begin(), tests().end(),
              [](const Test& a, const Test& b) { return std::strcmp(a.name, b.name) < 0; });
    return tests();
}
