"""`make bench`: what the busiest pages cost, as the portal grows. docs/performance.md explains the table."""
