"""Which indexes would serve a whole workload, at what size and what cost of writing."""
