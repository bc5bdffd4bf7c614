"""When a mentor is willing (hours), what is taken (claims), and what follows: openings."""
