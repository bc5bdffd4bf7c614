"""Accounts: signing in, and what a person says of themselves."""
