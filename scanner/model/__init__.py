"""One dialect a module or folder: nodes to subjects and links in the inventory."""
