"""The front desk: one page for each sub-command, which wires the rooms together and holds no logic."""

import typer


def register(app: typer.Typer) -> None:
    """Tell the front door which commands there are; what a command needs is imported when it is called."""
    from harness.commands import (
        affected,
        bench,
        certify,
        claims,
        compare,
        doctor,
        export,
        keys,
        plan,
        qualify,
        recover,
        replay,
        report,
        schema,
        seal,
        serve,
        show,
        sign,
        trace,
        verify,
        why,
    )

    app.command("certify")(certify.certify)
    app.add_typer(plan.app, name="plan", help="Check and list test plans.")
    app.add_typer(claims.app, name="claims", help="Check claims files.")
    app.command("doctor")(doctor.doctor)
    app.add_typer(bench.app, name="bench", help="Say who has a bench, and make one safe that was left.")
    app.command("qualify")(qualify.qualify)
    app.command("replay")(replay.replay)
    app.command("serve")(serve.serve)
    app.command("show")(show.show)
    app.command("recover")(recover.recover)
    app.command("report")(report.report)
    app.command("export")(export.export)
    app.command("trace")(trace.trace)
    app.add_typer(keys.app, name="keys", help="Make the keys of a lab, and of the people who sign.")
    app.command("seal")(seal.seal)
    app.command("sign")(sign.sign)
    app.command("verify")(verify.verify)
    app.command("why")(why.why)
    app.command("affected")(affected.affected)
    app.command("compare")(compare.compare)
    app.command("schema")(schema.schema)
