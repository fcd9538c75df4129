// The message of a failed check, built in a buffer on the stack.
#include "run/check.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "run/active.h"
#include "run/base.h"

namespace weave {

namespace {

WEAVE_KEPT int message_stream = STDERR_FILENO;

/// A text of limited length; what does not fit is left out.
class Message {
  public:
    template <class... Arguments>
    void add(const char* format, Arguments... arguments) {
        const size_t room = sizeof text_ - length_;
        const int length = std::snprintf(text_ + length_, room, format, arguments...);
        if (length > 0) {
            length_ += static_cast<size_t>(length) < room ? static_cast<size_t>(length) : room - 1;
        }
    }
    void write() const { write_message(text_); }

  private:
    char text_[2048] = "";
    size_t length_ = 0;
};

/// The length of the first of some expressions with commas between them; commas in brackets
/// separate none.
size_t length_of_name(const char* names) {
    int depth = 0;
    size_t length = 0;
    for (; names[length] != '\0' && (names[length] != ',' || depth != 0); ++length) {
        depth += std::strchr("([{", names[length]) != nullptr ? 1 : 0;
        depth -= std::strchr(")]}", names[length]) != nullptr ? 1 : 0;
    }
    return length;
}

void add_value(Message& message, const CheckedValue& value) {
    switch (value.kind) {
        case CheckedValue::Kind::is_signed:
            return message.add("%" PRId64, static_cast<int64_t>(value.bits));
        case CheckedValue::Kind::is_unsigned:
            return message.add("%" PRIu64, value.bits);
        case CheckedValue::Kind::boolean:
            return message.add("%s", value.bits != 0 ? "true" : "false");
        case CheckedValue::Kind::pointer:
            return message.add("0x%" PRIx64, value.bits);
        case CheckedValue::Kind::text:
            return message.add(
                "\"%s\"", value.bits == 0 ? "(null)" : reinterpret_cast<const char*>(value.bits));
    }
}

}  // namespace

WEAVE_KEPT void (*on_internal_error)() = nullptr;

void set_message_stream(int descriptor) { message_stream = descriptor; }

void write_message(const char* text) {
    for (size_t left = std::strlen(text); left != 0;) {
        const ssize_t written = ::write(message_stream, text, left);
        if (written <= 0) {
            return;
        }
        text += written;
        left -= static_cast<size_t>(written);
    }
}

void die(const char* what) {
    // From here on _Exit() is not the program's.
    active = nullptr;
    write_message("weave: internal error: ");
    write_message(what);
    write_message("\n");
    if (on_internal_error != nullptr) {
        on_internal_error();
    }
    std::_Exit(70);
}

void check_failed(const CheckSite& site, std::initializer_list<CheckedValue> values) {
    // From here on this is not the program under test: SIGABRT is not a finding.
    active = nullptr;
    const char* const slash = std::strrchr(site.file, '/');
    Message message;
    message.add("weave: internal error at %s:%u: %s\n", slash == nullptr ? site.file : slash + 1,
                site.line, site.expression);
    const char* names = site.names;
    for (const CheckedValue& value : values) {
        const size_t length = length_of_name(names);
        message.add("%s%.*s = ", &value == values.begin() ? "weave:   " : ", ",
                    static_cast<int>(length), names);
        add_value(message, value);
        names += length;
        names += std::strspn(names, ", ");
    }
    message.add("%s", values.size() == 0 ? "" : "\n");
    message.write();
    if (on_internal_error != nullptr) {
        on_internal_error();
    }
    std::abort();
}

}  // namespace weave
