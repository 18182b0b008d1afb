"""What all registers of the console share: saved views, search, actions on many rows."""
