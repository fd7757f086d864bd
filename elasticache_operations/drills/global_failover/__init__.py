"""The drill of a Global Datastore: its primary moves to another region."""
