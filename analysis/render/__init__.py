"""A digest as somebody reads it. Each takes the digest and a language, and is pure:

sms          one SMS                       short.py
telegram     one Telegram message
participant  for those who answered, in one or two segments
page         an HTML page to read, print or mail  page.py
"""

from analysis.render.page import page
from analysis.render.short import participant, sms, telegram

__all__ = ["page", "participant", "sms", "telegram"]
