"""The domain: attributes, outcomes and the roles columns play; no estimation."""
