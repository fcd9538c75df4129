#include "run/fiber.h"

#include <unistd.h>
#include <csignal>
#include <cstring>

#include "run/execution.h"

namespace weave {

namespace {

constexpr size_t stride = Execution::stack_bytes + page_bytes;
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
        // Not the program under test: as if weave were not there.
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
                        Execution::stack_bytes / 1024);
    }
    // Other addresses differ from process to process.
    constexpr uintptr_t near_null = 1u << 16;
    execution->fail(Verdict::crash, pc, "%s%s", name_of_signal(signal),
                    signal == SIGSEGV && address < near_null ? ", close to null" : "");
}

}  // namespace

FiberStacks::FiberStacks() : base_(static_cast<char*>(reserve(threads_max * stride))) {
    for (unsigned i = 0; i < threads_max; ++i) {
        if (mprotect(base_ + i * stride, page_bytes, PROT_NONE) != 0) {
            die("a guard page cannot be protected");
        }
    }
    constexpr size_t signal_stack_bytes = size_t{1} << 16;
    const stack_t alternative{reserve(signal_stack_bytes), 0, signal_stack_bytes};
    sigaltstack(&alternative, nullptr);
    struct sigaction action{};
    action.sa_sigaction = on_signal;
    // The handler leaves by a jump to another stack.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (const int signal : caught) {
        sigaction(signal, &action, &before[signal]);
    }
}

char* FiberStacks::stack(unsigned thread) const { return base_ + thread * stride + page_bytes; }

bool FiberStacks::is_guard(uintptr_t address, unsigned& thread) const {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(base_);
    thread = static_cast<unsigned>(offset / stride);
    return offset < threads_max * stride && offset % stride < page_bytes;
}

FiberStacks& fiber_stacks() {
    static FiberStacks* const stacks = new (reserve(sizeof(FiberStacks))) FiberStacks;
    return *stacks;
}

}  // namespace weave
