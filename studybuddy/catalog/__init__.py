"""The catalog: one SQLite file. All SQL lives here; every function takes an open database first."""

# First, and before any module of ours: it decides how sqlite-utils is imported.
from studybuddy.catalog.database import Database

__all__ = ["Database"]
