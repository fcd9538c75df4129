// One line that says for each thread what it waits for.
#include "run/standstill.h"

#include <cstdio>

namespace weave {

namespace {

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
        case Waiting::descriptor:
            return "a file descriptor";
        case Waiting::shared_semaphore:
            return "a semaphore";
        case Waiting::process:
            return "the end of a process";
        case Waiting::signal:
            return "a signal";
    }
    return "?";
}

/// Appends what a thread waits for. Returns the length that this takes, as snprintf does.
int describe(const Threads& threads, unsigned id, char* to, size_t room, const char* separator) {
    const Thread& thread = threads[id];
    if (threads.spinning().contains(id)) {
        return std::snprintf(to, room, "%sthread %u spins", separator, id);
    }
    if (thread.waiting == Waiting::join) {
        return std::snprintf(to, room, "%sthread %u waits for thread %u to end", separator, id,
                             thread.joins);
    }
    return std::snprintf(to, room, "%sthread %u waits for %s", separator, id,
                         words_for(thread.waiting));
}

}  // namespace

Facts facts_of_standstill(const Threads& threads) {
    WEAVE_CHECK(threads.ready().is_empty(), threads.ready().first_word());
    Facts facts{};
    facts.verdict = !threads.spinning().is_empty() ? Verdict::livelock : Verdict::deadlock;
    int length = 0;
    for (unsigned i = 0; i < threads.count() && length < int{sizeof facts.what}; ++i) {
        if (!threads[i].is_finished) {
            length +=
                describe(threads, i, facts.what + length,
                         sizeof facts.what - static_cast<size_t>(length), length == 0 ? "" : "; ");
        }
    }
    facts.thread = threads.current().id;
    facts.pc = threads.current().waits_pc;
    return facts;
}

}  // namespace weave
