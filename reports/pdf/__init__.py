"""The report of a run as one PDF that can be kept for decades (PDF/A-3a) and read aloud (PDF/UA-1)."""

from reports.pdf.typeset import render, write_pdf

__all__ = ["render", "write_pdf"]
