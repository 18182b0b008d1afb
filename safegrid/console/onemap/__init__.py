"""The one map (一张图): vector tiles of what the reader may see, its page, search, cards, and selecting by polygon."""
