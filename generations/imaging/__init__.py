"""Pictures: what they really are (`probe`), and the sizes a page shows (`derive`).

No Django in here, and Pillow only in the decoding child. This file imports nothing, so that the
child loads no more than it needs.
"""
