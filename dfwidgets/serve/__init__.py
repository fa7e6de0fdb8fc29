"""The page served to many: ready kernels, their limit, and files that browsers may keep."""
