"""Query plans: read them, derive figures from them, check them, ask a live server for them."""
