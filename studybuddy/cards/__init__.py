"""Flashcards: made from what one reads and hears, asked again when they are about to be forgotten."""
