"""What the evidence says: a run folder read back, proved, and turned into tables and reports.

    from reports import load
    run = load("runs/2026-01-31-001")
    run.measurements            # a pandas table

Everything here is made from the record alone; nothing here needs a bench to exist.
"""

from reports.run import Run, load

__all__ = ["Run", "load"]
