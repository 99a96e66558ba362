"""The actor map: what focal points report, who may see it, and what it comes to for one reader."""
