"""Checks of load results: one file each, with CHECK."""
