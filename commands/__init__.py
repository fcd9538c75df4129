"""The commands of `./mailproof`: one file each, or one folder with a command.py.

    kit/        what they share; nothing in it is a command
    fuzz/       fuzz: libFuzzer and AFL++, what they exchange and what they find
    bench/      bench: mailbox, scheduler, weave
    nightly/    nightly: its jobs, its budget, its report
    oss_fuzz/   oss-fuzz-check: the service's contract and what is refused

kit/commandline.py finds the commands and says what a command file has to define.
"""
