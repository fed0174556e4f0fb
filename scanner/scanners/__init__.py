"""The pluggable scanners: subjects in, results out."""
