"""The vocabulary of the flow: plain data, standard library only, no input or output.

Import from the modules (``scanner.core.value``, ``scanner.core.subject`` ...); this front door
re-exports nothing, so that a start-up pays only for the words it uses.
"""
