"""Requests over HTTP -> readings, as JSON. Every verb but `serve` leaves this room, and what it needs, alone."""
