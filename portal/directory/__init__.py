"""Find: from a need in one's own words to openings that can be tapped."""
