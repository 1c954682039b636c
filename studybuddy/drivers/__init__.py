"""Drivers: one file for each kind of storage. `driver.py` is their contract."""
