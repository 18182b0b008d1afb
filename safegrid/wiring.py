"""Every "when X, then Y" across contexts, on one page."""


def connect() -> None:
    """Register what one context does when another one acts."""
