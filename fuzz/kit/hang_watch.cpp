// The thread that notices hangs; see the header.
#include "fuzz/kit/hang_watch.h"

#include <csignal>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "fuzz/kit/report.h"

// ThreadSanitizer's, where the program has it.
extern "C" __attribute__((weak)) void AnnotateIgnoreReadsBegin(const char* file, int line);

namespace fuzz {
namespace {

const char* watched_target = "no target";

/// What is described belongs to a thread that hangs: it may still write what is read.
void ignore_races_of_reads() {
    if (&AnnotateIgnoreReadsBegin != nullptr) {
        AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    }
}

}  // namespace

std::atomic<const DescribedHang*> DescribedHang::current_{nullptr};

std::string DescribedHang::text() {
    // Acquire: pairs with the release store of the constructor.
    const DescribedHang* const current = current_.load(std::memory_order_acquire);
    return current == nullptr ? std::string() : current->text_(current->context_);
}

void report_hang(const std::string& sentence) {
    ignore_races_of_reads();
    report(watched_target, {"hang", sentence, DescribedHang::text()});
}

HangWatch::HangWatch(const char* target, uint32_t seconds) : seconds_(seconds) {
    watched_target = target;
    if (std::getenv("__AFL_SHM_ID") != nullptr) {
        return;
    }
    // libFuzzer handles the signals of its clock only in the thread that runs inputs.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread([this] { look_every_second(); }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void HangWatch::look_every_second() const {
    uint64_t last = 0;
    uint32_t looks = 0;
    for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        // Relaxed: a number that is seen late costs a second.
        const uint64_t turn = turns_.load(std::memory_order_relaxed);
        looks = turn == last ? looks + 1 : 0;
        last = turn;
        if (turn % 2 != 0 && looks >= seconds_) {
            report_hang("the input still runs after " + std::to_string(seconds_) + " s");
        }
    }
}

}  // namespace fuzz
