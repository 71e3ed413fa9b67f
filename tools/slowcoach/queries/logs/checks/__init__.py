"""What can be wrong with a workload, one file a rule."""
