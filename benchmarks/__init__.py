"""Speed and memory of SafeGrid, each measured beside a peer or a ceiling in the same run. See docs/benchmarks.md."""
