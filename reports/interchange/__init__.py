"""A run in the formats of other tools: JUnit XML, JSON with a schema, CSV, ATML, and the clause table of a test report.

Each is made from the record alone, says that a bench was virtual or a plan not approved, and makes no verdict better.
"""
