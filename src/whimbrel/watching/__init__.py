"""What a person does with alerts: looks at them and their evidence, has them seen, names the networks to guard."""
