"""A data set and a configuration -> a trained network, its checkpoint and its record. Knows nothing of reading.

`config` can be read without torch, so that help is shown at once; import the rest from `loop`, `run` and `augment`.
"""
