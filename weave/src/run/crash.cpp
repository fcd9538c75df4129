// The handlers of SIGSEGV, SIGABRT and the like. They end the execution by a switch to the host's
// stack, so they never return to the program.
#include "run/crash.h"

#include <sys/ucontext.h>
#include <csignal>

#include "run/execution.h"
#include "run/stacks.h"

namespace weave {

namespace {

constexpr int caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};

WEAVE_KEPT struct sigaction before[NSIG] = {};

const char* name_of_signal(int signal) {
    switch (signal) {
        case SIGSEGV:
            return "SIGSEGV, an invalid address";
        case SIGBUS:
            return "SIGBUS, an invalid address";
        case SIGFPE:
            return "SIGFPE, an arithmetic error";
        case SIGILL:
            return "SIGILL, an illegal instruction";
        case SIGTRAP:
            return "SIGTRAP, a trap";
        default:
            return "a signal";
    }
}

void on_signal(int signal, siginfo_t* info, void* context) {
    Execution* const execution = active;
    if (execution == nullptr) {
        // Not the program under test: act as if weave were not there.
        sigaction(signal, &before[signal], nullptr);
        raise(signal);
        return;
    }
    const auto* const registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
    const uint32_t pc = pc_of(reinterpret_cast<const void*>(registers[REG_RIP] + 1));
    const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
    unsigned thread = 0;
    if (signal == SIGABRT) {
        execution->fail(Verdict::assertion, pc, "abort() was called, by a library");
    }
    if (signal == SIGSEGV && fiber_stacks().is_guard(address, thread)) {
        execution->fail(Verdict::crash, pc, "thread %u has used up its stack of %zu KiB", thread,
                        fiber_stacks().size(thread) / 1024);
    }
    // The report does not show other addresses: they differ from process to process.
    constexpr uintptr_t near_null = 1u << 16;
    execution->fail(Verdict::crash, pc, "%s%s", name_of_signal(signal),
                    signal == SIGSEGV && address < near_null ? ", close to null" : "");
}

}  // namespace

void catch_crashes() {
    constexpr size_t signal_stack_bytes = size_t{1} << 16;
    const stack_t alternative{reserve(signal_stack_bytes), 0, signal_stack_bytes};
    sigaltstack(&alternative, nullptr);
    struct sigaction action{};
    action.sa_sigaction = on_signal;
    // SA_NODEFER because the handler leaves by a switch to another stack.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (const int signal : caught) {
        sigaction(signal, &action, &before[signal]);
    }
}

}  // namespace weave
