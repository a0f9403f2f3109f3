"""Names the plugins with which pytest runs the plans of this folder; everything is wired here and in the commands."""

pytest_plugins = ("harness.plugin", "fixtures.pytest_fixtures")
