"""Load engines: one file each, with ENGINE."""
