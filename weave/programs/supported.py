"""Writes ../SUPPORTED.md: what of C11, C++20, POSIX and Linux works under weave, with a program that shows it.

    supported.py            writes the page
    supported.py --check    fails if the page is not what it would write

A name counts as shown if a program of this folder uses it: one with the verdict ok shows that it works,
another one that weave finds a fault with it.
"""

import re
import sys
import textwrap
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "SUPPORTED.md"
UNSEEN = FOLDER.parent / "src" / "run" / "unseen.cpp"

NAMES = {
    "C11": """thrd_create thrd_join thrd_detach thrd_yield thrd_sleep thrd_exit mtx_init mtx_lock mtx_trylock
        mtx_timedlock mtx_unlock cnd_wait cnd_timedwait cnd_signal cnd_broadcast tss_create call_once
        atomic_load atomic_store atomic_exchange atomic_fetch_add atomic_compare_exchange_strong
        atomic_compare_exchange_weak atomic_thread_fence atomic_signal_fence quick_exit""",
    "C++20": """std::thread std::jthread std::stop_token std::mutex std::recursive_mutex std::timed_mutex
        std::shared_mutex std::shared_timed_mutex std::call_once std::condition_variable
        std::condition_variable_any std::lock_guard std::unique_lock std::shared_lock std::scoped_lock std::atomic
        std::atomic_ref std::atomic_flag std::latch std::barrier std::counting_semaphore std::binary_semaphore
        std::future std::promise set_value_at_thread_exit std::async std::packaged_task
        std::shared_ptr std::weak_ptr std::exception_ptr
        thread_local co_await std::string std::ostringstream std::stringstream std::cout std::random_device
        std::at_quick_exit notify_one notify_all""",
    "POSIX threads": """pthread_create pthread_join pthread_detach pthread_exit pthread_self pthread_cancel
        pthread_setcancelstate pthread_testcancel pthread_cleanup_push pthread_kill pthread_once
        pthread_key_create pthread_key_delete pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock pthread_mutex_init
        pthread_mutex_destroy pthread_mutex_consistent pthread_mutexattr_setrobust pthread_rwlock_rdlock
        pthread_rwlock_wrlock pthread_rwlock_tryrdlock
        pthread_rwlockattr_setkind_np pthread_cond_wait pthread_cond_timedwait
        pthread_cond_signal pthread_cond_broadcast pthread_cond_destroy pthread_barrier_wait pthread_spin_lock
        pthread_attr_setstacksize pthread_attr_setdetachstate sem_init sem_wait sem_trywait sem_timedwait sem_post
        sem_destroy sem_getvalue sem_open sem_close sem_unlink""",
    "POSIX signals and time": """sigaction signal raise kill pthread_sigmask sigwait sigsuspend pause alarm
        setitimer timer_create timer_settime timer_delete nanosleep usleep clock_gettime sched_yield""",
    "POSIX files and processes": """read write writev pipe poll select socketpair socket bind listen accept connect
        shutdown send sendto sendmsg recv recvfrom recvmsg getsockname setsockopt SO_RCVTIMEO SOCK_DGRAM
        SOCK_SEQPACKET open close dup dup2 fcntl mmap munmap getenv setenv chdir umask setlocale fork vfork
        posix_spawnp system execl _exit wait waitpid getcwd""",
    "C library": """strlen strcpy strcat strcmp strchr strstr strdup strtok strtok_r memcmp memset memcpy strtol
        printf snprintf sscanf fgets getline qsort malloc calloc realloc free aligned_alloc rand""",
    "Linux and GNU": """SYS_futex SYS_membarrier eventfd epoll_wait mremap makecontext swapcontext
        __atomic_compare_exchange_n timerfd_create signalfd""",
}


def programs() -> dict[str, tuple[str, str]]:
    """The verdict and text of each program, by its name."""
    found = {}
    for path in sorted([*FOLDER.glob("*.c"), *FOLDER.glob("*.cpp")]):
        text = path.read_text(encoding="utf-8")
        verdict = re.search(r"^// verdict: (\S+)$", text, re.MULTILINE)
        if verdict is None:
            sys.exit(f"{path.name} has no line '// verdict: '")
        code = re.sub(r"//.*", "", text)
        found[path.name] = (verdict.group(1), code)
    return found


def link_to(name: str) -> str:
    return f"[{name}](programs/{name})" if name else ""


def shown_by(name: str, all_programs: dict[str, tuple[str, str]], is_ok: bool) -> str:
    """The shortest program of that kind which uses the name, or nothing."""
    pattern = re.compile(r"(?<![\w:])" + re.escape(name) + r"(?!\w)")
    using = [(len(code), program) for program, (verdict, code) in all_programs.items()
             if (verdict == "ok") == is_ok and pattern.search(code)]
    return min(using)[1] if using else ""


def unseen() -> dict[str, list[str]]:
    """The table of the functions that weave does not see: the names of each group."""
    source = UNSEEN.read_text(encoding="utf-8")
    table = re.search(r"unseen_functions\[\] = \{(.*?)\};", source, re.DOTALL)
    if table is None:
        sys.exit(f"{UNSEEN.name} has no table unseen_functions")
    groups: dict[str, list[str]] = {}
    for line in table.group(1).splitlines():
        if title := re.match(r" *// (?!clang-format)(.+)$", line):
            names = groups.setdefault(title.group(1), [])
        elif words := re.findall(r'"(\w+)"', line):
            names += words
    return groups


def unseen_lines() -> list[str]:
    lines = ["## Not seen", "",
             "What these functions of the C library read and write is not checked. A run names those that the",
             "program calls (`unseen=warn`), and those that `_FORTIFY_SOURCE` makes of others (`__memcpy_chk`).", ""]
    for title, names in unseen().items():
        text = f"- **{title.capitalize()}**: " + ", ".join(f"`{name}`" for name in names)
        lines += textwrap.wrap(text, 100, subsequent_indent="  ", break_on_hyphens=False)
    return [*lines, ""]


def page() -> str:
    all_programs = programs()
    lines = ["# What works under weave", "",
             "`programs/supported.py` writes this page from the programs that the tests run. A program in the",
             "second column is right, and weave says `ok`; one in the third is wrong, and weave says why.", ""]
    for group, names in NAMES.items():
        lines += [f"## {group}", "", "| name | right | wrong |", "|---|---|---|"]
        missing = []
        for name in names.split():
            right, wrong = (shown_by(name, all_programs, is_ok) for is_ok in (True, False))
            if right or wrong:
                lines.append(f"| `{name}` | {link_to(right)} | {link_to(wrong)} |")
            else:
                missing.append(f"`{name}`")
        if missing:
            lines += ["", *textwrap.wrap(f"No program shows {', '.join(missing)}.", 100)]
        lines.append("")
    return "\n".join([*lines, *unseen_lines()])


def main():
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            sys.exit("SUPPORTED.md is not up to date: run weave/programs/supported.py")
        return
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
