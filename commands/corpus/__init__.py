"""`mailproof corpus`: figures of the corpora, and what keeps them small, shared and readable."""
