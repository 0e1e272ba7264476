"""All kinds of damage."""

import damage_absent
import damage_access
import damage_content
import damage_downloads
import damage_folders
import damage_harmless
import damage_links
import damage_places
from harm import ALONE, KINDS, LOCAL, LOCAL_ONLY

__all__ = ["ALONE", "KINDS", "LOCAL", "LOCAL_ONLY", "damage_absent", "damage_access", "damage_content", "damage_downloads", "damage_folders", "damage_harmless", "damage_links", "damage_places"]
