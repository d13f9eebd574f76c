"""The log on Kafka: submissions come in, pages are kept for ever. Knows records and offsets; what they mean is decided elsewhere."""
