"""What patrols offer to phones; ``patrols.field`` names it."""
