"""What belongs to a county as a whole: its working calendar, its ladder of overruns, the trace of all acts."""
