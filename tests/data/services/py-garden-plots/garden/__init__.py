"""Allotment gardens of the town."""
