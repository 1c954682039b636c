"""How bytes become files: one or many, at once or in pieces that are resumed."""
