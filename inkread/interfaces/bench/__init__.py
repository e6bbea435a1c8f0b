"""Held-out glyphs and texts -> pictures of writing, read by inkread and by other engines, and how far each errs."""
