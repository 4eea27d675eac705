"""A whole gallery as files, out of one installation and into another.

Beside each picture lies its provenance sheet as JSON, with what its owner made of it under
`gallery`; `gallery.json` tells of the albums. Nothing else is needed to read an export.
"""
