"""Which sites are due when, and in which order a member visits them in a day. Pure: no Django, no database."""
