"""Readers of load results: one file for each format, with READER."""
