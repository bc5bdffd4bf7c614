"""The programme as a whole: what a coordinator sees first, and bringing mentors in."""
