"""Moderation: what waits for a coordinator, and every decision, kept for ever."""
