"""HCL, the syntax of Terraform: text in, a positional syntax tree out, broken blocks named and skipped.

`parse(text)` reads a whole file, `parse_template(text)` the text of a template file (`templatefile`),
`parse_expression` one expression (variable values given on the command line). None of them raises for any input.
"""

from __future__ import annotations

from scanner.parse.hcl.parser import parse, parse_expression, parse_template
from scanner.parse.hcl.tree import Document, Fault

__all__ = ["Document", "Fault", "parse", "parse_expression", "parse_template"]
