// For programs whose threads have no place of their own to leave what they have seen.
#pragma once

/// Adds a number to the outcome of this execution. The order of the numbers does not count.
void note_seen(int seen);
