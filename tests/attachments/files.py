"""Files as people and attackers send them."""

import io
import struct
import zlib

from PIL import Image


def exif():
    """What a phone writes into a picture: that it stands on its side, whose phone it is, and where it was taken."""
    found = Image.Exif()
    found[0x0112], found[0x010F] = 6, "Phone of Leila"
    found.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return found


def picture(kind="JPEG", size=(64, 48), mode="RGB", color=None, **how):
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, kind, **how)
    return file.getvalue()


def phone_picture(size=(64, 48)):
    return picture("JPEG", size, color=(200, 30, 30), exif=exif(), comment=b"taken at home")


def pdf(text="hello"):
    return f"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n({text}) Tj\n%%EOF\n".encode()


def chunk(name, data):
    """A piece of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with(piece):
    """A picture with a piece more before its pixels."""
    file = picture("PNG")
    place = file.index(b"IDAT") - 4
    return file[:place] + piece + file[place:]


def jpeg_with_exif_heads(segments, in_each):
    """A picture whose data about the photo begin again and again; who takes one beginning off copies the rest."""
    data = b"Exif\0\0" * in_each
    segment = b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data
    file = picture("JPEG")
    return file[:2] + segment * segments + file[2:]


def png_that_says(width, height):
    """A small file that claims to be a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp_that_says(width, height):
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF" + struct.pack("<I", 100) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size + bytes(80)


def gif_that_says(width, height):
    file = picture("GIF", mode="P")
    return file[:6] + struct.pack("<HH", width, height) + file[10:]


def gif_with(piece):
    """A picture with a piece more between its colours and its pixels."""
    file = picture("GIF")
    place = file.index(b"\x2c", 13 + (3 << (file[10] & 7) + 1))
    return file[:place] + piece + file[place:]


def gif_with_a_frame_of(width, height):
    """Larger than the screen that it says to be for."""
    file = picture("GIF", mode="P")
    place = file.index(b"," + bytes(4)) + 5
    return file[:place] + struct.pack("<HH", width, height) + file[place + 4 :]
