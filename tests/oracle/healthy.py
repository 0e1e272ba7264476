"""All kinds of healthy repos."""

import healthy_data
import healthy_formats
import healthy_libraries
import healthy_odd
import healthy_runtimes
import healthy_transformers
from kinds import KINDS

__all__ = ["KINDS", "healthy_data", "healthy_formats", "healthy_libraries", "healthy_odd", "healthy_runtimes", "healthy_transformers"]
