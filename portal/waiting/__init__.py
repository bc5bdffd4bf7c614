"""Nothing fits? Watch a mentor or an expertise: when something opens, the first in line gets it held and a mail."""
