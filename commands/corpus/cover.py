"""A small set of inputs that shows all that a larger one shows: greedy set cover (Chvatal, 1979).

Each choice is the input with the most of what is still missing. libFuzzer's own set-cover merge
knows coverage only, this one also knows states.
"""

from typing import Hashable, TypeVar

Name = TypeVar("Name")


def cover(shown: dict[Name, frozenset[Hashable]], sizes: dict[Name, int],
          already: frozenset[Hashable] = frozenset()) -> list[Name]:
    """Inputs that together show everything that all of `shown` do, besides what is shown already.
    Among equal inputs the smaller is chosen, then the one that comes first."""
    missing = frozenset().union(*shown.values()) - already
    left = {name: items & missing for name, items in shown.items()}
    chosen: list[Name] = []
    while missing:
        best = max(left, key=lambda name: (len(left[name]), -sizes[name]))
        chosen.append(best)
        missing -= left[best]
        left = {name: items & missing for name, items in left.items() if items & missing}
    return _without_surplus(chosen, shown, already)


def _without_surplus(chosen: list[Name], shown: dict[Name, frozenset[Hashable]],
                     already: frozenset[Hashable]) -> list[Name]:
    """Drops early choices that later ones have made needless."""
    kept = list(chosen)
    for name in chosen:
        others = frozenset().union(already, *(shown[other] for other in kept if other != name))
        if shown[name] <= others:
            kept.remove(name)
    return kept
