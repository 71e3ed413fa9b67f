"""Depth charts of a coast, put together from cells."""
