"""Load: the plan of a test, the generator that runs it, scripts for other generators."""
