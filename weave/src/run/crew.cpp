// A pair of sockets for each worker; a message is its length and its bytes.
#include "run/crew.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "run/base.h"
#include "run/real.h"

namespace weave {

namespace {

// Above the descriptors of a program, and of entry/descriptor.cpp: those are closed between two
// executions.
constexpr int descriptor_min = 950;

bool receive_all(int descriptor, char* to, size_t size) {
    while (size != 0) {
        const ssize_t got = recv(descriptor, to, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        to += got;
        size -= static_cast<size_t>(got);
    }
    return true;
}

bool receive_message(int descriptor, std::string& message) {
    uint64_t size = 0;
    if (!receive_all(descriptor, reinterpret_cast<char*>(&size), sizeof size)) {
        return false;
    }
    message.resize(size);
    return receive_all(descriptor, message.data(), size);
}

/// A message to a process that has ended is lost: its own end says why.
void send_message(int descriptor, const std::string& message) {
    const uint64_t size = message.size();
    std::string all(reinterpret_cast<const char*>(&size), sizeof size);
    all += message;
    for (size_t done = 0; done < all.size();) {
        const ssize_t sent = ::send(descriptor, all.data() + done, all.size() - done, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return;
        }
        done += static_cast<size_t>(sent);
    }
}

/// A copy of a descriptor out of the program's reach.
int move_up(int descriptor) {
    const int high = fcntl(descriptor, F_DUPFD_CLOEXEC, descriptor_min);
    if (high < 0) {
        die("a descriptor cannot be copied");
    }
    WEAVE_REAL(close)(descriptor);
    return high;
}

/// The process that leads asks for an end; signals for all of the group are its own business.
void begin_worker() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    WEAVE_REAL(sigaction)(SIGINT, &ignore, nullptr);
    WEAVE_REAL(sigaction)(SIGTERM, &ignore, nullptr);
}

}  // namespace

bool Line::receive(std::string& message) const { return receive_message(descriptor_, message); }

void Line::send(const std::string& message) const { send_message(descriptor_, message); }

Crew::Crew(unsigned count, const std::function<void(Line&)>& work) {
    std::fflush(nullptr);
    for (unsigned i = 0; i < count; ++i) {
        int pair[2];
        if (WEAVE_REAL(socketpair)(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
            die("no sockets for jobs");
        }
        pair[0] = move_up(pair[0]);
        pair[1] = move_up(pair[1]);
        auto* const shared = new (mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared{};
        const pid_t leader = getpid();
        const pid_t process = WEAVE_REAL(fork)();
        if (process < 0) {
            die("the process cannot be forked");
        }
        if (process == 0) {
            begin_worker();
            WEAVE_REAL(close)(pair[0]);
            for (const Worker& other : workers_) {
                WEAVE_REAL(close)(other.descriptor);
            }
            if (getppid() == leader) {
                Line line(pair[1], *shared);
                work(line);
            }
            _exit(EXIT_SUCCESS);
        }
        WEAVE_REAL(close)(pair[1]);
        workers_.push_back({process, pair[0], shared});
    }
}

Crew::~Crew() {
    for (const Worker& worker : workers_) {
        WEAVE_REAL(close)(worker.descriptor);
        kill(worker.process, SIGKILL);
        waitpid(worker.process, nullptr, 0);
        munmap(worker.shared, page_bytes);
    }
}

void Crew::send(unsigned worker, const std::string& message) const {
    send_message(workers_[worker].descriptor, message);
}

bool Crew::receive(int milliseconds, unsigned& worker, std::string& message) const {
    std::vector<pollfd> all;
    for (const Worker& one : workers_) {
        all.push_back({one.descriptor, POLLIN, 0});
    }
    if (WEAVE_REAL(poll)(all.data(), all.size(), milliseconds) <= 0) {
        return false;
    }
    for (unsigned i = 0; i < count(); ++i) {
        if (all[i].revents != 0) {
            worker = i;
            if (!receive_message(workers_[i].descriptor, message)) {
                end_as(workers_[i]);
            }
            return true;
        }
    }
    return false;
}

/// The worker has run what ends a process: with one job it would have been this one.
void Crew::end_as(const Worker& worker) const {
    int status = 0;
    waitpid(worker.process, &status, 0);
    for (const Worker& other : workers_) {
        if (&other != &worker) {
            kill(other.process, SIGKILL);
            waitpid(other.process, nullptr, 0);
        }
    }
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        struct sigaction action{};
        action.sa_handler = SIG_DFL;
        WEAVE_REAL(sigaction)(signal, &action, nullptr);
        kill(getpid(), signal);
    }
    _exit(WEXITSTATUS(status));
}

}  // namespace weave
