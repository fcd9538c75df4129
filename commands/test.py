"""`mailproof test`: builds the presets and runs their tests."""

from commands.kit import commandline, suite

NAME = "test"
GROUP = commandline.START
SUMMARY = "Build and run the tests"
DETAILS = "CTest's own summary comes last."

run = suite.run_test


def add_options(command) -> None:
    tier = command.add_mutually_exclusive_group()
    tier.add_argument("--quick", action="store_true", help="the quick tests (default)")
    tier.add_argument("--full", action="store_true",
                      help="every test, with every compiler, fuzzer and seeded bug")
    command.add_argument("-R", dest="regex", metavar="REGEX",
                         help="only the tests whose name matches")
    commandline.add_again(command)
    command.add_argument("--docs", action="store_true",
                         help="write what was measured into docs/tests.md")
    commandline.add_json(command)
