"""What the queue's worker does for planning."""
