"""After a session: did it help, what is next, what others may read."""
