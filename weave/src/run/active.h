// Which execution runs now: every function of entry/ asks this first.
#pragma once

namespace weave {

class Execution;

/// The execution that runs now. Null outside of one, while the runtime works on its own behalf, and
/// on all other threads of the system, such as a fuzzer's own.
extern constinit thread_local Execution* active __attribute__((tls_model("local-exec")));

/// The execution to come while a whole program starts, otherwise null: what the program allocates
/// before main() is there in each execution.
extern Execution* starting;

/// The number of instrumented files, those of weave's own library included.
extern unsigned instrumented_files;

/// Called where a whole program starts a thread before its main(). Starts the process anew, so that
/// the constructors run inside of each execution. Returns if that is already so, and the thread is
/// one of a shared library.
void explore_constructors();

/// Ends the process of a whole program that does before main() what weave does not model.
[[noreturn]] void refuse_start(const char* what);

}  // namespace weave
