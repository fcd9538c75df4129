"""`mailproof oss-fuzz-check`: the command, the service's contract, and what is refused."""
