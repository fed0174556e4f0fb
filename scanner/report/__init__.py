"""One output format a module, pure: report in, bytes out."""
