"""The one path by which anything changes at PlanetScale."""
