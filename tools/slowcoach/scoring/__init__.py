"""Judging figures and habits: budgets, and the review checklist."""
