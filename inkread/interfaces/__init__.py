"""Where people and programs meet inkread: the command line and exported files. Everything else is a room below."""
