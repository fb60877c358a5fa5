"""Pictures of what was measured and learned: the strip of stages, charts, tables, their words."""
