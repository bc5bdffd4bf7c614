"""Mail: an outbox written with the facts it tells of, and its delivery.

Knows addresses, zones and words, not people. A feature puts a letter into the outbox in the
transaction that makes it true; a worker renders and sends it later, at least once.
"""
