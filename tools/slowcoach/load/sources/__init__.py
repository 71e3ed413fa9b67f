"""Sources of traffic: one file for each kind, with SOURCE."""
