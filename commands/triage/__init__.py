"""`mailproof triage`: the command, and its parts: judging, minimising, keeping, bisecting."""
