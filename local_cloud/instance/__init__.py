"""Instances as sandboxes: what they run, what they reach, and what AWS answers them."""
