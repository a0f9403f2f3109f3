"""The front desk: one page for each sub-command, which wires the rooms together and holds no logic."""

import typer


def register(app: typer.Typer) -> None:
    """Tell the front door which commands there are; what a command needs is imported when it is called."""
    from harness.commands import certify, claims, doctor, plan, qualify, replay, report, schema, serve, show, trace

    app.command("certify")(certify.certify)
    app.add_typer(plan.app, name="plan", help="Check and list test plans.")
    app.add_typer(claims.app, name="claims", help="Check claims files.")
    app.command("doctor")(doctor.doctor)
    app.command("qualify")(qualify.qualify)
    app.command("replay")(replay.replay)
    app.command("serve")(serve.serve)
    app.command("show")(show.show)
    app.command("report")(report.report)
    app.command("trace")(trace.trace)
    app.command("schema")(schema.schema)
