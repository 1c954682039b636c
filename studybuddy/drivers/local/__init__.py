"""Objects as files under one folder of this computer."""
