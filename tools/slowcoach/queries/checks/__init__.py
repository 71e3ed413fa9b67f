"""One file = one check of a plan, with its rule in knowledge/rules/."""
