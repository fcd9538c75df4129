"""`mailproof bench`: the command, a module for each subject, their figures and plots."""
