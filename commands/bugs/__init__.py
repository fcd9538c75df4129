"""`mailproof bugs`: the command, and its parts: layers, mutants, the matrix."""
