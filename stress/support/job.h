// STRESS_JOB: a job, and the list of all that are compiled into this program.
//
//     STRESS_JOB(mailbox_flood, {.operation = "a message pushed, from the first attempt on",
//                                .states = {"full ring"}}) {
//         while (run.next_round()) {
//             ... threads, then checks ...
//         }
//     }
//
// in stress/mailbox_flood.cpp is all that a new job takes. The file's stem is the job's name.
#pragma once

#include <vector>

#include "stress/support/run.h"

namespace stress {

/// One job. `run` does the work and returns when all was well; Run::fail() ends it otherwise.
struct Job {
    const char* name;
    JobFacts facts;
    void (*run)(Run& run);
};

/// Every registered job, in no particular order.
inline std::vector<Job>& jobs() {
    static std::vector<Job> all;
    return all;
}

struct JobRegistration {
    explicit JobRegistration(const Job& job) { jobs().push_back(job); }
};

}  // namespace stress

// The facts are the last argument because their braces may hold commas.
#define STRESS_JOB(job, ...)                                          \
    static void stress_job_##job(::stress::Run& run);                 \
    static const ::stress::JobRegistration stress_registration_##job( \
        {#job, __VA_ARGS__, stress_job_##job});                       \
    static void stress_job_##job(::stress::Run& run)
