"""Bounded scenarios of the product whose executions weave searches completely."""
