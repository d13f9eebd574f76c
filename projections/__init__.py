"""What entries mean. Pure folds over pages: schemas and the standard library only, no I/O, no clock."""
