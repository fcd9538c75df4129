"""What the commands share: each module has one concern, and none is a command."""
