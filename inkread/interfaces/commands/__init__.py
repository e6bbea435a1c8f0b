"""One file a verb of the command line, imported when its verb is called, so that reading never waits for torch."""
