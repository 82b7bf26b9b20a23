"""The vocabulary: columns, tables, streams, reasons. Imports nothing of ours; everything else may import it."""
