// An event loop waits with epoll for an eventfd and with poll for a socket, which other threads
// write to.
// verdict: ok
// options: mode=random executions=500
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cassert>
#include <cstdint>
#include <thread>

int main() {
    const int event = eventfd(0, 0);
    const int loop = epoll_create1(0);
    int sockets[2];
    assert(event >= 0 && loop >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    assert(epoll_ctl(loop, EPOLL_CTL_ADD, event, &wanted) == 0);
    int order = 0;
    std::thread writer([&] {
        order = 1;
        const uint64_t one = 1;
        assert(write(event, &one, sizeof one) == sizeof one);
        char answer = 0;
        assert(recv(sockets[1], &answer, 1, 0) == 1 && answer == 'a');
        assert(send(sockets[1], "b", 1, 0) == 1);
    });
    epoll_event seen{};
    assert(epoll_wait(loop, &seen, 1, -1) == 1);
    uint64_t count = 0;
    assert(read(event, &count, sizeof count) == sizeof count && count == 1 && order == 1);
    assert(write(sockets[0], "a", 1) == 1);
    pollfd asked{sockets[0], POLLIN, 0};
    assert(poll(&asked, 1, -1) == 1);
    writer.join();
}
