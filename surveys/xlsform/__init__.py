"""XLSForm, the spreadsheet convention of Kobo and ODK: forms become polls, and polls forms.

reading.py     bytes of .xlsx, .xls or .csv to sheets of lines, with limits
columns.py     lines to rows by what XLSForm calls its columns, with pyxform's own table of spellings
xpath.py       XLSForm's expressions as a tree; conditions.py says them in the language of `when`
form.py        the whole way, from sheets to the poll's YAML and a report in which every row has its fate
export.py      the way back
"""
