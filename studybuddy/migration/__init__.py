"""Moving files from storage to storage: planned, verified, journalled, resumable, undone by a switch back."""
