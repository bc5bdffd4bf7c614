"""Mentors: their profiles, reviewed before anyone sees them, and the curated expertise."""
