"""What a figure of the marts means, where it comes from, and how its sources fare."""
