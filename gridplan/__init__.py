"""Dividing a territory into balanced, connected grids, and proving how good a division is. Pure: no Django, no database."""
