"""The audit of memory orders: which of a program's orders are needed, and what shows it."""
