"""The catalog: one SQLite file. All SQL lives here; every function takes an open database first."""
