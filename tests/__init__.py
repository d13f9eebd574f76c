"""The tests of the house: business sentences, real files, real processes."""
