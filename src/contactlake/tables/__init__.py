"""The tables, one module each, named exactly as the table; a table is declared here and nowhere else."""
