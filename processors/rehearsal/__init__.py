"""Rehearsals (演练, Q1): a plan of a district is played into a rehearsal book, and what every rule did is looked at.

A plan is a file: sites, sources, goods, grids, days, and the faults that are planted. What happens on sound days is
made here from its seed. Nothing here states a rule: what is sound and what is faulty, the book says.
"""
