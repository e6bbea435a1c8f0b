"""Arrays or strings in pairs -> numbers with intervals, plots, tables and a report.

Knows nothing of networks or files of weights.
"""
