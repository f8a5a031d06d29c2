"""How a version leaves the house: built, checked, installed where nobody knows us, and played there."""
