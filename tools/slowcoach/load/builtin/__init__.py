"""The built-in load engine, on the HTTP client of `load/client.py`.

Open model: requests are due at the schedule's rate whatever the server does, evenly spaced (which
k6 does too, and which asks the least of a server) unless the plan's `arrivals` are "poisson", as
traffic whose counts a second vary as much as their mean asks for. With journeys the sessions are
what is due; a later request is due a pause after the answer before it. Latency counts from when a
request was due, service time from when it was sent.

Closed model: users, who send again a pause after their answer. A stall keeps them from sending,
so that their percentiles do not show it.
"""
