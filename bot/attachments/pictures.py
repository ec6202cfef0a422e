"""Pictures made anew: what is kept are the pixels that were seen, and nothing else that was in the file."""

import io
import threading

from PIL import GifImagePlugin, Image, ImageFile, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from bot.attachments.kinds import FileKind
from bot.errors import FileRefused, TooManyFiles

MOST_PIXELS = 50_000_000  # some 600 MB while it is read; the cameras of phones save 12 to 50 million
LONGEST_SIDE_READ = 65_535  # pixels, what JPEG and GIF can have: Pillow notes where each row is, however short
MOST_SCANS = 100  # of a JPEG, each of which goes over all pixels again; cameras and programs write a dozen
MOST_EXIF_HEADS = 100  # Pillow 12 takes one after the other off, and copies all that follows (CVE-2026-96643)
LONGEST_EXIF_TEXT = 200_000  # characters of the same as a text of a PNG, in hexadecimal; a JPEG has 64 kB in a piece
LONGEST_SIDE = 4096  # pixels of what is kept
JPEG_QUALITY = 85
DECODING_SECONDS = 20.0  # how long one waits for the picture before
DAMAGED = "That file is damaged or incomplete. Please save it again, or send a screenshot."
TOO_MANY_PIXELS = f"That picture has more than {MOST_PIXELS // 1_000_000} million pixels. Please send a smaller one."
TOO_LONG = f"That picture is longer than {LONGEST_SIDE_READ:,} pixels. Please send a part of it."
_READERS = {
    FileKind.PNG: PngImagePlugin.PngImageFile,
    FileKind.JPEG: JpegImagePlugin.JpegImageFile,
    FileKind.GIF: GifImagePlugin.GifImageFile,
    FileKind.WEBP: WebPImagePlugin.WebPImageFile,
}
_PICTURE, _CONTROL = 0x2C, b"\x21\xf9"  # how a picture of a GIF begins, and what stands before it
_one_at_a_time = threading.Lock()  # a picture takes memory many times the size of its file

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit only warns at first; `_check_size` refuses before anything is read


def made_anew(content: bytes, kind: FileKind, largest: int) -> tuple[bytes, FileKind]:
    """The picture upright, without its metadata, as JPEG or PNG; of one that moves the first frame.

    Args:
        content: of the file.
        kind: what it is by its content.
        largest: bytes; a PNG that would be larger becomes a JPEG.

    Raises:
        FileRefused: it has too many pixels, or is damaged.
        TooManyFiles: others are being read, and take too long.
    """
    if not _one_at_a_time.acquire(timeout=DECODING_SECONDS):
        raise TooManyFiles(int(DECODING_SECONDS))
    try:
        picture = _decoded(content, kind)
        lossless = kind is not FileKind.JPEG and not (kind is FileKind.WEBP and picture.mode == "RGB")
        made = _saved(picture, FileKind.PNG) if lossless else b""
        if made and len(made) <= largest:
            return made, FileKind.PNG
        return _saved(_on_white(picture), FileKind.JPEG), FileKind.JPEG
    finally:
        _one_at_a_time.release()


def _decoded(content: bytes, kind: FileKind) -> Image.Image:
    try:
        picture = _opened(content, kind)
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded at a fraction of its size
        picture.load()
        if len(picture.info.get("Raw profile type exif", "")) > LONGEST_EXIF_TEXT:
            raise FileRefused(DAMAGED)
        plain = _plain(picture)
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)  # before it is copied again
        return ImageOps.exif_transpose(plain)
    except FileRefused:
        raise
    except Exception as error:  # noqa: BLE001  decoders fail in many ways on files that were made to
        raise FileRefused(DAMAGED) from error


def _opened(content: bytes, kind: FileKind) -> ImageFile.ImageFile:
    """The file with its head read; only by the reader of its own kind."""
    if kind is FileKind.WEBP:
        _check_size(*_webp_size(content))  # its reader takes the memory at once
    if kind is FileKind.JPEG and content.count(b"\xff\xda") > MOST_SCANS:
        raise FileRefused(DAMAGED)
    if content.count(b"Exif\0\0") > MOST_EXIF_HEADS:
        raise FileRefused(DAMAGED)
    content = first_frame(content) if kind is FileKind.GIF else content
    picture = _READERS[kind](io.BytesIO(content))
    _check_size(*picture.size)
    return picture


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise FileRefused(TOO_MANY_PIXELS)
    if max(width, height) > LONGEST_SIDE_READ:
        raise FileRefused(TOO_LONG)


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height by the first chunk (RFC 9649); (0, 0) where it has none, which no reader takes."""
    chunk, data = content[12:16], content[20:30]
    if chunk == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
    return 0, 0


def first_frame(gif: bytes) -> bytes:
    """A GIF with its first picture alone: Pillow copies all comments anew with each further one.

    Raises:
        IndexError: it is cut off before that.
    """
    colours = 3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0
    place = 13 + colours
    control = b""
    while gif[place] != _PICTURE:
        end = _end_of_blocks(gif, place + 2)
        if gif[place : place + 2] == _CONTROL:
            control = gif[place:end]
        place = end
    head = place + 10
    if gif[place + 9] & 0x80:
        head += 3 << (gif[place + 9] & 7) + 1
    return gif[: 13 + colours] + control + gif[place : _end_of_blocks(gif, head + 1)] + b";"


def _end_of_blocks(gif: bytes, place: int) -> int:
    """Where the blocks end that begin there, each led by its length."""
    while gif[place]:
        place += gif[place] + 1
    return place + 1


def _plain(picture: Image.Image) -> Image.Image:
    """In one of the three modes that are saved."""
    if picture.mode.startswith("I;16"):  # Pillow would cut off all above 255
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _saved(picture: Image.Image, kind: FileKind) -> bytes:
    """Written from the pixels alone: Pillow would take some of what the file said with it."""
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    file = io.BytesIO()
    if kind is FileKind.PNG:
        bare.save(file, "PNG")
    else:
        bare.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
