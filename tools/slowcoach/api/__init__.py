"""The tools: one file each, a typed function and the Tool that describes it."""
