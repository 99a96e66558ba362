"""Dates as people write and read them: "3 May", "3/5/2024", "2024-05-03", "May 2024", "yesterday", "3 ግንቦት".

Month names are understood in every language of the gateway and say their calendar; numbers are read in the poll's.
What can mean two dates gives both, for the person to choose: nothing is guessed. A value is a Gregorian date in ISO
8601, as exact as was asked for: "2024-05-03", "2024-05" or "2024". A month or year of another calendar becomes the
Gregorian one that holds its middle.
"""

from surveys.dates.values import RELATIVE, WIDTHS, day_first, read, written

__all__ = ["RELATIVE", "WIDTHS", "day_first", "read", "written"]
