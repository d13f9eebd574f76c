"""The same book on a real Apache Kafka: scenarios, poison, kills, two writers. Needs Java; its absence is a failure."""
