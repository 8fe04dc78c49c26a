"""Recipes: training jobs with everything but the labels, as YAML files that open with for whom and at what cost.

To add one: 1. a YAML file here, named as people will ask for it, with a head of comments like the others';
2. settings only where they differ from what follows from the labels; 3. nothing more: every recipe is tested by name.
"""
