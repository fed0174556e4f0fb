"""The command line: one command a module, argv in, exit status out; the only room that reads the environment."""
