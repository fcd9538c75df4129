"""The parts of the `mailproof` command, one sub-command or one concern a module.

From the bottom up: `console`, `project` and `child` know nothing of the others; `setup` and `build`
make binaries; `report` reads what a failing run prints; `replay` runs inputs; `findings` keeps
them; `fuzzer`, `libfuzzer` and `afl` drive the engines; `fuzz`, `suite`, `stress`, `coverage`
and `show` are sub-commands. `oss_fuzz` is one as well; its contract is in `oss_fuzz_service`, what
it asks of a target in `oss_fuzz_target`, and what it refuses in `oss_fuzz_checks`.
"""
