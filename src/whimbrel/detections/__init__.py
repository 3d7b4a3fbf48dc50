"""What is wrong in the air: each detection a class with its rule, its thresholds and its evidence. Pure."""
