// The handlers of SIGSEGV, SIGABRT and the like. They end the execution by a switch to the host's
// stack, so they never return to the program.
#include "run/crash.h"

#include <sys/ucontext.h>
#include <csignal>
#include <cstring>

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

// The mark that weave_atomics.h puts before an atomic instruction of inline assembly: ud1 with an
// operand that no compiler uses.
constexpr uint8_t assembly_mark[] = {0x0f, 0xb9, 0x40, 0x77};

/// Does what begins with this exchange two registers only? Then it is not atomic.
bool is_exchange_of_registers(const uint8_t* code) {
    constexpr uint8_t operand_size = 0x66;
    code += *code == operand_size ? 1 : 0;
    const bool has_rex = (*code & 0xf0) == 0x40;
    code += has_rex ? 1 : 0;
    // XCHG with the accumulator has no operand byte; otherwise the byte says whether it has memory.
    const bool is_short = (*code & 0xf8) == 0x90;
    const bool is_long = (*code & 0xfe) == 0x86;
    return is_short || (is_long && code[1] >= 0xc0);
}

/// Handles a mark, if the program has come to one. Code outside of an execution runs as written.
bool is_at_assembly_mark(Execution* execution, greg_t& instruction_pointer) {
    const auto* const code = reinterpret_cast<const uint8_t*>(instruction_pointer);
    if (std::memcmp(code, assembly_mark, sizeof assembly_mark) != 0) {
        return false;
    }
    if (execution != nullptr && !is_exchange_of_registers(code + sizeof assembly_mark)) {
        execution->fail(Verdict::unsupported, pc_of(code + 1),
                        "an atomic operation in inline assembly, which weave does not see");
    }
    instruction_pointer += sizeof assembly_mark;
    return true;
}

void on_signal(int signal, siginfo_t* info, void* context) {
    Execution* const execution = active;
    if (signal == SIGILL &&
        is_at_assembly_mark(execution,
                            static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP])) {
        return;
    }
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
        struct sigaction last{};
        sigaction(signal, &action, &last);
        if (last.sa_sigaction != on_signal) {
            before[signal] = last;
        }
    }
}

namespace {

/// A program may come to inline assembly before its first execution.
__attribute__((constructor(101))) void step_over_assembly_marks() {
    struct sigaction action{};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGILL, &action, &before[SIGILL]);
}

}  // namespace

}  // namespace weave
