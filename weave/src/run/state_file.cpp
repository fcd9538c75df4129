// A head that says what the file belongs to, the content, and a hash of both.
#include "run/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "run/image.h"
#include "run/pack.h"
#include "run/real.h"

namespace weave {

namespace {

constexpr char magic[] = "weave state 1\n";

/// FNV-1a.
uint64_t hash_of(const std::string& bytes) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
    return hash;
}

/// The options that decide which executions there are, and what they say.
std::string text_of(const Options& options) {
    std::string text;
    const auto add = [&](const char* name, auto value) {
        text += std::string(name) + "=" + std::to_string(value) + ":";
    };
    text += std::string("mode=") + name_of(options.mode) + ":";
    text += std::string("memory=") + (options.memory == Memory::sc ? "sc:" : "c20:");
    add("preemptions", options.preemptions);
    add("symmetry", static_cast<int>(options.uses_symmetry));
    add("digest", static_cast<int>(options.computes_digest));
    add("steps", options.steps_max);
    add("leaks", static_cast<int>(options.finds_leaks));
    add("races", static_cast<int>(options.finds_races));
    add("spurious", static_cast<int>(options.spurious_wakeups));
    add("plain", static_cast<int>(options.plain_choice_points));
    add("status", static_cast<int>(options.status));
    add("suppressions", hash_of(options.suppressions));
    const char* const weakened = std::getenv("WEAVE_WEAKEN");
    text += std::string("WEAVE_WEAKEN=") + (weakened == nullptr ? "" : weakened);
    return text;
}

[[noreturn]] void refuse_file(const std::string& path, const std::string& why) {
    throw WrongState("state=" + path + ": " + why);
}

std::string system_error() { return std::strerror(errno); }

/// Makes what was renamed in a folder last.
void sync_folder_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int descriptor = WEAVE_REAL(open)(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (descriptor >= 0) {
        fsync(descriptor);
        WEAVE_REAL(close)(descriptor);
    }
}

}  // namespace

StateFile::StateFile(std::string path, const Options& options, const std::string& arguments)
    : path_(std::move(path)),
      program_(image_identity()),
      options_(text_of(options)),
      arguments_(arguments) {}

std::string StateFile::load() const {
    const int descriptor = WEAVE_REAL(open)(path_.c_str(), O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0) {
        if (errno == ENOENT) {
            return "";
        }
        refuse_file(path_, "cannot be read: " + system_error());
    }
    std::string all;
    char part[65536];
    for (ssize_t size; (size = WEAVE_REAL(read)(descriptor, part, sizeof part)) > 0;) {
        all.append(part, static_cast<size_t>(size));
    }
    WEAVE_REAL(close)(descriptor);
    if (all.compare(0, sizeof magic - 1, magic) != 0) {
        refuse_file(path_, "is not a state of a search");
    }
    uint64_t hash = 0;
    if (all.size() < sizeof magic - 1 + sizeof hash) {
        refuse_file(path_, "is damaged");
    }
    std::memcpy(&hash, all.data() + all.size() - sizeof hash, sizeof hash);
    all.resize(all.size() - sizeof hash);
    if (hash != hash_of(all)) {
        refuse_file(path_, "is damaged");
    }
    all.erase(0, sizeof magic - 1);
    Unpacker unpacker(all);
    if (unpacker.take<uint64_t>() != program_) {
        refuse_file(path_, "is of another program or build");
    }
    const std::string options = unpacker.take_text();
    if (options != options_) {
        refuse_file(path_,
                    "is of a search with other options: " + options + " and not " + options_);
    }
    if (unpacker.take_text() != arguments_) {
        refuse_file(path_, "is of a search with other arguments, or of other code");
    }
    return unpacker.take_text();
}

void StateFile::save(const std::string& content) const {
    Packer packer;
    packer.put_array(magic, sizeof magic - 1);
    packer.put(program_);
    packer.put_text(options_);
    packer.put_text(arguments_);
    packer.put_text(content);
    const uint64_t hash = hash_of(packer.bytes());
    packer.put(hash);
    const std::string next = path_ + ".next";
    const int descriptor =
        WEAVE_REAL(open)(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        refuse_file(path_, "cannot be written: " + system_error());
    }
    const std::string& bytes = packer.bytes();
    for (size_t done = 0; done < bytes.size();) {
        const ssize_t size =
            WEAVE_REAL(write)(descriptor, bytes.data() + done, bytes.size() - done);
        if (size < 0) {
            refuse_file(path_, "cannot be written: " + system_error());
        }
        done += static_cast<size_t>(size);
    }
    const bool is_kept = fsync(descriptor) == 0;
    WEAVE_REAL(close)(descriptor);
    if (!is_kept || std::rename(next.c_str(), path_.c_str()) != 0) {
        refuse_file(path_, "cannot be written: " + system_error());
    }
    sync_folder_of(path_);
}

void StateFile::remove() const {
    unlink(path_.c_str());
    unlink((path_ + ".next").c_str());
}

}  // namespace weave
