"""What version 2 of a format under weave has changed: the value 2 of byte 0, which had meant the same as any
other, says that the input has wishes (docs/schedules.md). Everything else is as it was."""

VERSION = 2
VERSION_WITHOUT = 1


def without_wishes(content: bytes) -> bytes:
    """The same input in a format that knows wishes."""
    return bytes([VERSION_WITHOUT]) + content[1:] if content[:1] == bytes([VERSION]) else content
