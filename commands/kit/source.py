"""The state of the sources: git's commit, and the changes since."""

import hashlib

from commands.kit import child, project

GIT_SECONDS_MAX = 60
UNKNOWN_SOURCE = "unknown"


def name() -> str:
    """The commit, with a digest of the changes since."""
    commit = git("rev-parse", "--short=12", "HEAD").strip()
    changes = git("status", "--porcelain") + git("diff", "HEAD")
    if not commit:
        return UNKNOWN_SOURCE
    digest = hashlib.sha1(changes.encode(), usedforsecurity=False).hexdigest()[:8]
    return f"{commit}, changed ({digest})" if changes else commit


def git(*words: object) -> str:
    """What git prints; empty if it fails or is not installed."""
    try:
        outcome = child.run(["git", "-C", project.ROOT, *words], GIT_SECONDS_MAX)
    except FileNotFoundError:
        return ""
    return outcome.output if outcome.status == 0 else ""
