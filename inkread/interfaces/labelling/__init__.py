"""A folder of glyphs, corrected by a person in a page: every change is a move of a file that can be undone."""
