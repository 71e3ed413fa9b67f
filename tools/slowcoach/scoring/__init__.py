"""The performance review checklist: evidence found in a repository, answers, and the score."""
