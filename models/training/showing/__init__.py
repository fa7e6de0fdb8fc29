"""What people see of it: the model card, the sample pictures and their contact sheet."""
