"""Many jobs on many cores or machines, by dask.distributed: a local cluster, or a scheduler that is running already."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.commands.qualifying import Task, run_jobs
from harness.errors import ConfigError, HarnessError, LinkError
from harness.qualification import Job, Outcome, batches, failed_outcome, from_line

if TYPE_CHECKING:
    from distributed import Client

# So many batches wait at each worker: it never runs dry, and what is done is not kept.
_AHEAD = 2
_PATIENCE_S = 30.0


def run(client: "Client", task: Task, jobs: list[Job], done: Callable[[Outcome], None]) -> None:
    """Run jobs on the workers of a cluster; done is called with each outcome as soon as its batch is back.

    Raises:
        HarnessError: A worker refused the task as such; no job of it could be done anywhere.
    """
    from distributed import as_completed

    workers = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
    waiting = iter(batches(jobs, max(1, workers)))
    running = as_completed()  # type: ignore[no-untyped-call]
    known = {}

    def submit() -> None:
        batch = next(waiting, None)
        if batch is not None:
            future = client.submit(run_jobs, task, batch, pure=False)
            known[future.key] = batch
            running.add(future)  # type: ignore[no-untyped-call]

    for _ in range(max(1, workers) * (1 + _AHEAD)):
        submit()
    for future in running:
        batch = known.pop(future.key)
        error = future.exception()
        if isinstance(error, HarnessError):
            raise error
        if error is not None:
            for job in batch:
                done(failed_outcome(job, error))
        else:
            for line in future.result():
                done(from_line(line))
        future.release()
        submit()


def _not_profiled() -> Any:
    """Return what stops a worker from looking at itself: one that was started elsewhere has settings of its own."""
    from distributed import WorkerPlugin

    class NotProfiled(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            for name in ("profile", "profile-cycle"):
                if (callback := worker.periodic_callbacks.pop(name, None)) is not None:
                    callback.stop()

    return NotProfiled()


@contextmanager
def cluster(workers: int, scheduler: str | None) -> Iterator["Client"]:
    """Bring up a local cluster of so many processes with one thread each, or find the one that is running.

    Raises:
        LinkError: No scheduler answers there, or no worker is with it.
        ConfigError: That is no address.
    """
    import dask
    from distributed import Client, LocalCluster

    # A worker would look every 10 ms at what it does, and keep more and more of it, which nobody asked for.
    dask.config.set({"distributed.worker.profile.enabled": False})
    if scheduler is not None:
        try:
            # How long that may take is dask's own setting, 30 s if nobody changes distributed.comm.timeouts.connect.
            client = Client(scheduler)  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError) as error:
            raise LinkError(f"no scheduler answers at {scheduler}: start one with python -m dask scheduler") from error
        except ValueError as error:
            raise ConfigError(f"--scheduler {scheduler!r} is no address, such as tcp://host:8786: {error}") from error
        with client:
            try:
                client.wait_for_workers(1, timeout=_PATIENCE_S)
            except TimeoutError:
                raise LinkError(
                    f"no worker is with {scheduler}: start one in a checkout, python -m dask worker {scheduler} "
                    "--nthreads 1"
                ) from None
            client.register_plugin(_not_profiled(), name="iontobench-not-profiled")
            yield client
        return
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as local,
        Client(local) as client,  # type: ignore[no-untyped-call]
    ):
        yield client
