"""Forms with a box for each character: printed, filled by hand, photographed, and read back into a data set."""
