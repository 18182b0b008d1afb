"""``python -m benchmarks.serve ADDRESS``: the product's own web server, without worker and sequencer."""

from __future__ import annotations

import sys

PROCESSES = 2


def main(address: str) -> None:
    import django

    django.setup()
    from safegrid.foundation.webserver import WebServer

    WebServer(address, PROCESSES).run()


if __name__ == "__main__":
    main(sys.argv[1])
