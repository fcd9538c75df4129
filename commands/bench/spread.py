"""A figure that was measured several times: its median and its quartiles."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A median and its quartiles."""

    low: float
    median: float
    high: float

    @staticmethod
    def of(values: list[float]) -> "Spread":
        """The spread of one value or more."""
        if len(values) == 1:
            return Spread(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return Spread(low, median, high)

    def as_list(self) -> list[float]:
        """Low, median, high, for JSON."""
        return [round(value, 4) for value in (self.low, self.median, self.high)]

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"
