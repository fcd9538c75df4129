"""`mailproof nightly`: runs everything that takes long, within a time budget, and reports.

A *night* is one such run, a *job* is one piece of it. The files:

    registry        the jobs, and the weights by which they share the time
    job             what a job is; stress_jobs, fuzz_jobs, weave_jobs and bench_jobs are the kinds
    budget          the time of each job
    night           a night on disk, written so that a kill at any moment loses nothing
    runner          runs one job: its time limit, its hang, its findings
    stacks          the stacks of a job that does not end
    repeat          how often a finding shows again
    history         earlier nights: what is new, what is slow, what is deleted
    results         the content of --json and of the JUnit file
    page            the HTML report, with report.html.j2 and page.css
    command         the command, and the order in which all this happens
"""
