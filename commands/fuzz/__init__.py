"""`mailproof fuzz`: the command, the fuzzers that it drives, and what they find."""
