"""Sessions: hold, book, cancel, look back."""
