"""Pictures of what templates and deployed stacks are, as a page, SVG, Mermaid or Markdown."""
