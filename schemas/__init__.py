"""What may be said: the wire of the book. Pydantic models only; no I/O, no rules about stock."""
