"""The log on Kafka: submissions come in, pages are kept for ever. It knows records and offsets, not what they mean."""
