"""Why and for whom: success models with SHAP, segments, marker or lever."""
