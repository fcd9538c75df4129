// A switch from one stack to another, by Boost.Context.
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>

namespace weave {

/// Notes where the stack that was left continues.
inline void note_left(boost::context::detail::transfer_t from) {
    *static_cast<void**>(from.data) = from.fctx;
}

template <void (*Function)()>
void enter_stack(boost::context::detail::transfer_t from) {
    note_left(from);
    Function();
}

/// A stack of `size` bytes from `lowest` on that, when switched to, runs `Function`, which must not
/// return.
template <void (*Function)()>
void* begin_stack(char* lowest, size_t size) {
    return boost::context::detail::make_fcontext(lowest + size, size, enter_stack<Function>);
}

/// Continues where `to` was left. `from` then tells where the stack that was left here continues.
inline void switch_stack(void*& from, void* to) {
    note_left(boost::context::detail::jump_fcontext(to, &from));
}

}  // namespace weave
