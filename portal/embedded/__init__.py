"""The one-machine default: PostgreSQL from a wheel, with the queue inside it.

`Lease(folder)` is all that others need: it starts the server or joins it, and the last to leave stops it.
"""
