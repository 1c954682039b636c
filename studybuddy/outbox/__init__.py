"""What waits for a storage that failed, and how it gets there."""
