"""Where pages are kept: one file, or Kafka."""
