"""Grading on several machines: a Dask cluster runs and judges, this process writes files and gradebook.

    address     which schedulers may be talked to: over TLS, or on this machine
    freight     what crosses: the order for a run, batches of submissions, what came of them
    station     a worker's side: a proven box and the plans, built there
    worker      the station as a plugin of a Dask worker
    dealing     which batch goes where, and what happens when a worker is lost
    client      this side: `joined` a cluster, whose `each` takes the place of `workers.each`

`worker` and `client` need `distributed` (the extra `cluster`); nothing else imports them.
"""
