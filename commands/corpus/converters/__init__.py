"""Converters of inputs, one a file: TARGET_N.py has convert(content), which turns an input of
format version N into one of version N + 1, or returns None for an input without a counterpart.
`mailproof corpus convert` applies them."""
