"""Values that constructs take: frozen, validated when they are created."""
