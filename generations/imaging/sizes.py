"""How large a derived picture is: one rule, used where it is drawn and where it is checked."""

# A strip of 1 × 30,000 would be 640 × 19,200,000 by width alone.
MAX_ASPECT = 4
# Travels inside pages as a data: address.
PLACEHOLDER_EDGE = 16
PLACEHOLDER_BYTES = 200


def fit(width: int, height: int, edge: int) -> tuple[int, int]:
    """`edge` wide, never larger than the original, never taller than MAX_ASPECT edges."""
    scale = min(1.0, edge / width, MAX_ASPECT * edge / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
