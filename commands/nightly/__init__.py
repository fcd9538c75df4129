"""`mailproof nightly`: everything that takes long, within a time budget, with a report at the end.

A *night* is one such run, a *job* one piece of it. Which file is what:

    registry        the jobs, and the weights by which they share the time
    job             what a job is; stress_jobs, fuzz_jobs, weave_jobs and bench_jobs are the kinds
    budget          the time of each job
    night           a night on disk, written so that a kill at any moment loses nothing
    runner          runs one job: its time limit, its hang, its findings
    stacks          where the threads of a job are that does not end
    repeat          how often a finding shows again
    history         earlier nights: what is new, what is slow, what is deleted
    results         what --json and the JUnit file say
    page, chart     the HTML report
    command         the order in which all this happens
"""
