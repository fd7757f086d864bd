"""What the README's figures come from: `python -m bench`, each as a ratio or a median from one run."""
