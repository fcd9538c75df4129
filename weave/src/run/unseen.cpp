// The linker leaves a slot for each function of a shared library that the executable calls, with
// its name. Where a slot belongs to a name of the table below, the instrumented functions are
// looked at as bytes, for an instruction that reaches the slot.
#include "run/unseen.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

#include "report/places.h"
#include "run/elf_file.h"
#include "run/image.h"
#include "run/pc.h"

namespace weave {

namespace {

// Held against the entry points and the C library by programs/unseen_test.py; supported.py writes
// them into SUPPORTED.md.
constexpr std::string_view unseen_functions[] = {
    // clang-format off
    // texts
    "a64l", "argz_add", "argz_append", "argz_count", "argz_create", "argz_create_sep",
    "argz_next", "argz_stringify", "basename", "bcopy", "bzero", "dirname", "ecvt_r",
    "envz_add", "envz_get", "explicit_bzero", "fcvt_r", "fnmatch", "frexp", "gcvt", "getsubopt",
    "glob", "glob64", "iconv", "iconv_open", "index", "memccpy", "memfrob", "modf", "rawmemchr",
    "regcomp", "regerror", "regexec", "rindex", "rpmatch", "strcasecmp_l", "strcoll_l",
    "strerror_l", "strerror_r", "strfmon", "strfmon_l", "strfromd", "strfromf", "strfroml",
    "strfry", "strncasecmp_l", "strsignal", "strtod_l", "strtof_l", "strtoimax", "strtol_l",
    "strtold_l", "strtoll_l", "strtoq", "strtoul_l", "strtoull_l", "strtoumax", "strtouq",
    "strverscmp", "strxfrm_l", "swab", "wordexp",
    // wide characters
    "__isoc99_fwscanf", "__isoc99_swscanf", "__isoc99_vswscanf", "__isoc99_wscanf", "c16rtomb",
    "c32rtomb", "fgetws", "fputws", "fwprintf", "fwscanf", "mblen", "mbrlen", "mbrtoc16",
    "mbrtoc32", "mbrtowc", "mbsinit", "mbsnrtowcs", "mbsrtowcs", "mbstowcs", "mbtowc",
    "swprintf", "swscanf", "vfwprintf", "vfwscanf", "vswprintf", "vswscanf", "vwprintf",
    "vwscanf", "wcpcpy", "wcpncpy", "wcrtomb", "wcscasecmp", "wcscat", "wcschr", "wcschrnul",
    "wcscmp", "wcscoll", "wcscpy", "wcscspn", "wcsdup", "wcsftime", "wcsncasecmp", "wcsncat",
    "wcsncmp", "wcsncpy", "wcsnlen", "wcsnrtombs", "wcspbrk", "wcsrchr", "wcsrtombs", "wcsspn",
    "wcsstr", "wcstod", "wcstof", "wcstoimax", "wcstok", "wcstol", "wcstold", "wcstoll",
    "wcstombs", "wcstoul", "wcstoull", "wcstoumax", "wcswidth", "wcsxfrm", "wctomb", "wmemchr",
    "wmempcpy", "wprintf", "wscanf",
    // streams
    "__isoc99_vfscanf", "__isoc99_vscanf", "asprintf", "dprintf", "err", "error",
    "error_at_line", "errx", "fdopen", "fgets_unlocked", "fmemopen", "fopen64",
    "fputs_unlocked", "fread_unlocked", "freopen", "freopen64", "fwrite_unlocked", "gets",
    "obstack_printf", "obstack_vprintf", "open_memstream", "open_wmemstream", "popen",
    "psiginfo", "psignal", "setbuf", "setbuffer", "setvbuf", "syslog", "tempnam", "tmpnam",
    "tmpnam_r", "vasprintf", "vdprintf", "verr", "verrx", "vfscanf", "vscanf", "vsyslog",
    "vwarn", "vwarnx", "warn", "warnx",
    // time and random numbers
    "arc4random_buf", "asctime_r", "clock_getres", "ctime_r", "drand48_r", "erand48",
    "erand48_r", "getdate_r", "initstate", "initstate_r", "jrand48", "jrand48_r", "lcong48",
    "lrand48_r", "mrand48_r", "nrand48", "nrand48_r", "rand_r", "random_r", "seed48",
    "setstate", "setstate_r", "srandom_r", "strftime_l", "strptime", "strptime_l", "timegm",
    "timelocal",
    // tables
    "hcreate_r", "hsearch", "hsearch_r", "insque", "lfind", "lsearch", "qsort_r", "remque",
    "tdelete", "tfind", "tsearch", "twalk",
    // the net and users
    "getaddrinfo", "getgrgid_r", "getgrnam", "getgrnam_r", "getgrouplist", "getgroups",
    "gethostbyaddr", "gethostbyname", "gethostbyname_r", "getifaddrs", "getlogin_r",
    "getnameinfo", "getprotobyname", "getpwnam", "getpwnam_r", "getpwuid_r", "getservbyname",
    "getservbyport", "if_indextoname", "if_nametoindex", "inet_addr", "inet_aton",
    "inet_network",
    // files
    "aio_error", "aio_read", "aio_return", "aio_suspend", "aio_write", "canonicalize_file_name",
    "chown", "chroot", "copy_file_range", "creat", "creat64", "eaccess", "faccessat",
    "fchmodat", "fchownat", "fstat64", "fstatat", "fstatat64", "fstatfs", "fstatvfs", "ftw",
    "futimens", "getdents64", "getxattr", "lchown", "link", "linkat", "lio_listio", "listxattr",
    "lstat64", "memfd_create", "mkdirat", "mkdtemp", "mkfifo", "mkfifoat", "mknod", "mkostemp",
    "mkstemps", "mktemp", "nftw", "open64", "openat", "openat64", "opendir", "pathconf",
    "pread64", "preadv", "preadv2", "preadv64", "process_vm_readv", "process_vm_writev",
    "pwrite64", "pwritev", "pwritev2", "pwritev64", "readdir_r", "readlinkat", "realpath",
    "renameat", "renameat2", "scandir", "sendfile", "setxattr", "shm_open", "shm_unlink",
    "splice", "stat64", "statfs", "statvfs", "statx", "symlink", "symlinkat", "truncate",
    "unlinkat", "utime", "utimensat", "utimes", "vmsplice",
    // the system
    "confstr", "epoll_pwait", "epoll_pwait2", "eventfd_read", "eventfd_write", "getcpu",
    "getdomainname", "getitimer", "getloadavg", "getopt_long", "getopt_long_only", "getrlimit",
    "getrusage", "inotify_add_watch", "mq_getattr", "mq_open", "mq_receive", "mq_send",
    "mq_setattr", "mq_timedreceive", "mq_timedsend", "msgctl", "msgrcv", "msgsnd", "openpty",
    "ppoll", "prlimit", "pselect", "ptsname_r",
    "sched_getaffinity", "sched_getparam", "sched_setaffinity", "sched_setparam",
    "sched_setscheduler", "semop", "semtimedop", "setrlimit", "sigaltstack", "sigandset",
    "sigisemptyset", "sigorset", "sysinfo", "tcgetattr", "tcsetattr", "times",
    "ttyname_r", "uname", "wait3", "waitid",
    // clang-format on
};

/// Is it one that _FORTIFY_SOURCE puts in the place of another?
bool is_fortified(std::string_view name) {
    return name.starts_with("__") && name.ends_with("_chk") && name != "__fdelt_chk" &&
           name != "__longjmp_chk";
}

bool is_unseen(std::string_view name) {
    return is_fortified(name) || std::find(std::begin(unseen_functions), std::end(unseen_functions),
                                           name) != std::end(unseen_functions);
}

/// The names of functions, by the address of their slot.
using Slots = std::map<uintptr_t, std::string>;

Slots unseen_slots(const ElfFile& file) {
    Slots slots;
    for (const Elf64_Shdr& section : file.sections()) {
        if (section.sh_type != SHT_RELA || file.linked(section).sh_type != SHT_DYNSYM) {
            continue;
        }
        const Elf64_Shdr& table = file.linked(section);
        const auto symbols = file.entries<Elf64_Sym>(table);
        for (const Elf64_Rela& relocation : file.entries<Elf64_Rela>(section)) {
            const Elf64_Sym& symbol = symbols[ELF64_R_SYM(relocation.r_info)];
            // Most are of no symbol.
            if (symbol.st_name == 0 || symbol.st_shndx != SHN_UNDEF) {
                continue;
            }
            const char* const name = file.name(file.linked(table), symbol.st_name);
            if (is_unseen(name)) {
                slots[image_base() + relocation.r_offset] = name;
            }
        }
    }
    return slots;
}

/// The address that the 4 bytes at `code` stand for, relative to their end.
uintptr_t target_at(const uint8_t* code) {
    int32_t distance;
    std::memcpy(&distance, code, sizeof distance);
    return reinterpret_cast<uintptr_t>(code) + 4 + static_cast<uintptr_t>(intptr_t{distance});
}

/// The slot through which the linker's code at an address jumps, or 0.
uintptr_t slot_of_stub(uintptr_t address) {
    constexpr size_t stub_bytes = 16;
    if (address < image_base() || address + stub_bytes > image_end()) {
        return 0;
    }
    const auto* code = reinterpret_cast<const uint8_t*>(address);
    constexpr uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    code += std::memcmp(code, endbr64, sizeof endbr64) == 0 ? sizeof endbr64 : 0;
    constexpr uint8_t bnd = 0xf2;
    code += *code == bnd ? 1 : 0;
    return code[0] == 0xff && code[1] == 0x25 ? target_at(code + 2) : 0;
}

/// Notes the places in a function that reach a slot for which there is none yet.
void find_calls(const Function& function, const Slots& slots, std::map<std::string, uint32_t>& at) {
    const auto* const begin = reinterpret_cast<const uint8_t*>(function.begin);
    constexpr size_t shortest = 5;
    for (size_t i = 0; i + shortest <= function.size; ++i) {
        const uint8_t* const code = begin + i;
        constexpr uint8_t call = 0xe8;
        constexpr uint8_t jump = 0xe9;
        const bool is_relative = (*code & 0xc7) == 0x05;
        const uintptr_t slot = *code == call || *code == jump ? slot_of_stub(target_at(code + 1))
                               : is_relative                  ? target_at(code + 1)
                                                              : 0;
        if (const auto found = slots.find(slot); found != slots.end()) {
            at.emplace(found->second, pc_of(code + 1));
        }
    }
}

}  // namespace

std::vector<UnseenCall> unseen_calls() {
    const ElfFile file;
    const Slots slots = unseen_slots(file);
    if (slots.empty()) {
        return {};
    }
    const Instrumented instrumented;
    std::map<std::string, uint32_t> at;
    for (const Function& function : functions_of(file)) {
        if (!is_own_code(function.begin) && !is_of_a_library(function.name) &&
            instrumented.contains(function)) {
            find_calls(function, slots, at);
        }
    }
    std::vector<uint32_t> pcs;
    for (const auto& [name, pc] : at) {
        pcs.push_back(pc);
    }
    const Places places = places_of(find_frames(pcs));
    std::vector<UnseenCall> calls;
    for (const auto& [name, pc] : at) {
        calls.push_back({name, place_text(places, pc)});
    }
    return calls;
}

}  // namespace weave
