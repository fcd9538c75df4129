"""Inputs of mailbox_weave without wishes, in the version that knows them."""

from commands.corpus.converters.wishes import without_wishes as convert

__all__ = ["convert"]
