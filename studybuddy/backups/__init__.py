"""Backups of the catalog, and the way back from them."""
