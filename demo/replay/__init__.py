"""Real inspections through the whole product: the main job of the platform, on input that nobody tidied."""
