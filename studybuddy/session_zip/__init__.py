"""A session as one file: a zip that any program opens, and that makes the same session again, here or elsewhere."""
