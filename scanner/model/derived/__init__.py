"""Subjects from subjects: statements, exposures, variables, images and links, whatever dialect stated their source."""
