"""What a file is, told by its first bytes: neither its name nor what a browser or a mail says of it is believed."""

from enum import Enum

END_OF_PDF = 2048  # bytes at the end in which a whole PDF says that it ends


class FileKind(str, Enum):
    """A kind of file that is taken; its value is the media type."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"
    PDF = "application/pdf"

    @property
    def ending(self) -> str:
        """What the names of such files end with."""
        return {"image/jpeg": ".jpg"}.get(self.value, f".{self.value.split('/')[1]}")

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown."""
        return self is not FileKind.PDF


def kind_of_file(content: bytes) -> FileKind | None:
    """The kind of a file, None for one that is not taken."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind.WEBP
    return next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)


def is_whole_pdf(content: bytes) -> bool:
    """Whether a PDF has its end; what is in it is nobody's to judge here, and it is only ever downloaded."""
    return b"%%EOF" in content[-END_OF_PDF:]


_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"\xff\xd8\xff": FileKind.JPEG,
    b"GIF87a": FileKind.GIF,
    b"GIF89a": FileKind.GIF,
    b"%PDF-": FileKind.PDF,
}
