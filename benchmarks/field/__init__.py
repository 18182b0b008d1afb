"""Phones that return to the network all at once: ``load`` is the run, ``people`` who carries them, ``phone`` what each does."""
