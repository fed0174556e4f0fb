"""Lambda runtimes. Source: AWS Lambda developer guide, "Lambda runtimes", deprecation table; read 2026-11-21.

Names that are in neither set are unknown to us: newer than this table, or misspelt.
"""

SUPPORTED = frozenset({
    "nodejs22.x", "nodejs24.x", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "java8.al2",
    "java11", "java17", "java21", "java25", "dotnet8", "dotnet10", "ruby3.3", "ruby3.4", "provided.al2023",
    "provided.al2",
})
DEPRECATED = frozenset({
    "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x",
    "nodejs16.x", "nodejs18.x", "nodejs20.x", "python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "java8",
    "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "dotnet5.0", "dotnet6", "dotnet7", "ruby2.5",
    "ruby2.7", "ruby3.2", "go1.x", "provided",
})
