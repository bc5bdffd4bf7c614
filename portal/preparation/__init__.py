"""Before and around a session: both prepare, and talk."""
