"""A page as a PDF or as a picture: what a mail carries, and what a chat shows."""

from __future__ import annotations

import logging
from typing import Any

from PIL import ImageFile


def pdf(html: str) -> bytes:
    """The page as it prints, on A4. It needs nothing from anywhere, and is given nothing: no address in it is
    fetched, save one that is a picture itself (`data:`)."""
    import weasyprint  # noqa: PLC0415 - takes a second to load; only whoever prints waits for it

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # it sets this for the whole process, and others refuse what is cut off
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of every rule that only screens know
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    document: Any = weasyprint.HTML(string=html, url_fetcher=fetcher)
    made: bytes = document.write_pdf()
    return made
