"""One module for each runtime that can be recorded."""
