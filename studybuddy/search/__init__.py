"""One search over titles, names, pages, transcripts, notes and bookmarks."""
