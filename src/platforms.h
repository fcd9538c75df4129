// The platforms: one list of types, an entry each.
//
// Everything that exists once per platform (a test suite, a stress job, a program's --platform, a
// fuzz target's first byte) is made from this list, so that a new platform is a folder and an entry
// here.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>

#include "a2a3/platform.h"
#include "a5/platform.h"

namespace pto {

/// A list of types.
template <class... Types>
struct TypeList {
    static constexpr size_t size = sizeof...(Types);

    /// The same types as arguments of another template: `Platforms::Into<::testing::Types>`.
    template <template <class...> class Other>
    using Into = Other<Types...>;

    /// The list of `Of<Type>` for each type: `Platforms::Map<AsyncWaitList>`.
    template <template <class> class Of>
    using Map = TypeList<Of<Types>...>;
};

/// Every platform. Fuzz inputs store an index into this list: append, never reorder.
using Platforms = TypeList<a2a3::Platform, a5::Platform>;

inline constexpr size_t platform_count = Platforms::size;

/// Calls `visit.operator()<Platform>()` for the platform at `index`, from 0 to platform_count - 1,
/// and returns its result, which has one type for all platforms.
template <class Visit>
decltype(auto) for_platform(size_t index, Visit&& visit) {
    const auto search = [&]<class First, class... Rest>(const auto& self, TypeList<First, Rest...>,
                                                        size_t left) -> decltype(auto) {
        if constexpr (sizeof...(Rest) == 0) {
            return visit.template operator()<First>();
        } else {
            return left == 0 ? visit.template operator()<First>()
                             : self(self, TypeList<Rest...>{}, left - 1);
        }
    };
    return search(search, Platforms{}, index);
}

/// Calls `visit.operator()<Platform>()` for each platform, in the order of the list.
template <class Visit>
void for_each_platform(Visit&& visit) {
    [&]<class... Platform>(TypeList<Platform...>) {
        (visit.template operator()<Platform>(), ...);
    }(Platforms{});
}

/// The platforms' names, in the order of the list.
inline constexpr std::array<std::string_view, platform_count> platform_names =
    []<class... Platform>(TypeList<Platform...>) {
        return std::array<std::string_view, platform_count>{Platform::name...};
    }(Platforms{});

/// One `Of<Platform>` for each platform, such as a test bench, each default-constructed. Names of
/// `Of` differ between the files of a program, also in unnamed namespaces: gcc 12 links the
/// instances of templates that have the same name together.
template <template <class> class Of>
class PerPlatform {
  public:
    /// Calls `visit(Of<Platform>&)` for the platform at `index`; returns its result.
    template <class Visit>
    decltype(auto) at(size_t index, Visit&& visit) {
        return for_platform(index, [&]<class Platform>() -> decltype(auto) {
            return visit(std::get<Of<Platform>>(objects_));
        });
    }

    /// Calls `visit(Of<Platform>&)` for each platform, in the order of the list.
    template <class Visit>
    void for_each(Visit&& visit) {
        for_each_platform([&]<class Platform>() { visit(std::get<Of<Platform>>(objects_)); });
    }

  private:
    typename Platforms::Map<Of>::template Into<std::tuple> objects_;
};

}  // namespace pto
