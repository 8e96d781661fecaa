"""What Prometheus is served: the one table of figures, what the process counts, what the rows say."""
