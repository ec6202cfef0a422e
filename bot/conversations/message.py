"""A message on its way in and a reply on its way out, as every face and the assistant pass them on."""

LONGEST_TEXT = 2000  # characters of one typed message
