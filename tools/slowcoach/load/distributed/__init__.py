"""Load from more machines than this one: runners elsewhere, their results merged exactly."""
