"""What the library costs: measured, priced month by month, and held to a limit."""
