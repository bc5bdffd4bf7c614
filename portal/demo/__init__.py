"""A living demo programme: its people, a clock that can be moved on, signing in with one tap.

Nothing here is reachable outside `portal demo`.
"""
