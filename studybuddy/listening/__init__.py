"""Where a person stopped, what they noted, and what leaves of it."""
