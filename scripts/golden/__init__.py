"""Makes the files of test/golden with Hugging Face's own code; scripts/golden.py is the way in."""
