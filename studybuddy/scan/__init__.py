"""Scans: the catalog compared with what a storage really holds, and what is done about the differences."""
