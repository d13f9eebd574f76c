"""The book and its doors. The only place that talks to Kafka, SQLite, DuckDB and HTTP."""
