"""A phone's browser, the bad line it is on, and what the server has in the end."""
