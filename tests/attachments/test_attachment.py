"""What is taken, what it becomes, and what is refused in words that help."""

import io
import time
import zlib

import pytest
from PIL import Image

from bot.attachments.attachment import Upload, ready
from bot.attachments.kinds import FileKind
from bot.errors import FileRefused
from tests.attachments.files import (
    chunk,
    gif_that_says,
    gif_with,
    gif_with_a_frame_of,
    jpeg_with_exif_heads,
    pdf,
    phone_picture,
    picture,
    png_that_says,
    png_with,
    webp_that_says,
)

LARGEST = 1_000_000
PROFILE, HEADS = b"Raw profile type exif\0", b"\nexif\n420000\n" + (b"Exif\0\0" * 70_000).hex().encode()


def refusal(name, content):
    with pytest.raises(FileRefused) as refused:
        ready(Upload(name, content), LARGEST)
    return refused.value.message


def opened(file):
    return Image.open(io.BytesIO(file.content))


def test_a_photo_is_upright_and_says_neither_where_nor_by_whom_it_was_taken():
    file = ready(Upload("IMG_0001.JPG", phone_picture()), LARGEST)
    made = opened(file)
    assert made.size == (48, 64) and not dict(made.getexif())
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for told in (b"Leila", b"taken at home", b"Exif", b"GPS"):
        assert told in phone_picture() or told == b"GPS"
        assert told not in file.content


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture("PNG"), FileKind.PNG),
        (picture("PNG", mode="RGBA", color=(1, 2, 3, 4)), FileKind.PNG),
        (picture("PNG", mode="LA"), FileKind.PNG),
        (picture("PNG", mode="I;16", color=30000), FileKind.PNG),
        (picture("PNG", mode="1"), FileKind.PNG),
        (picture("GIF", mode="P"), FileKind.PNG),
        (picture("WEBP"), FileKind.JPEG),
        (picture("WEBP", mode="RGBA", color=(1, 2, 3, 4)), FileKind.PNG),
        (picture("JPEG", mode="CMYK"), FileKind.JPEG),
        (picture("JPEG", mode="L"), FileKind.JPEG),
    ],
)
def test_pictures_become_jpeg_or_png_whatever_they_were(content, kind):
    file = ready(Upload("x", content), LARGEST)
    assert file.kind is kind and opened(file).size == (64, 48) and file.name == f"x{kind.ending}"


def test_a_deep_grey_is_as_bright_as_before():
    file = ready(Upload("x.png", picture("PNG", mode="I;16", color=30000)), LARGEST)
    assert abs(opened(file).convert("L").getpixel((0, 0)) - 117) <= 1


def test_of_a_picture_that_moves_the_first_frame_is_kept():
    frames = [Image.new("P", (20, 20), shade) for shade in (0, 1, 2)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    made = opened(ready(Upload("x.gif", file.getvalue()), LARGEST))
    assert getattr(made, "n_frames", 1) == 1


def test_a_large_photo_is_made_smaller():
    made = opened(ready(Upload("x.jpg", picture("JPEG", (6000, 3000))), LARGEST))
    assert made.size == (4096, 2048)


def test_a_pdf_is_kept_as_it_is():
    file = ready(Upload("scan.pdf", pdf()), LARGEST)
    assert (file.kind, file.content, file.name) == (FileKind.PDF, pdf(), "scan.pdf")


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<html><script>alert(1)</script></html>",
        b"GIF8 <script>alert(1)</script>",
        b"PK\x03\x04 a zip, a docx",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"BM a bitmap",
        b"II*\x00 a tiff",
        b" %PDF-1.4 behind a blank",
        b"\x00\x00\x00\x18ftypheic",
        b"x",
    ],
)
@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "scan.pdf", "x.svg"])
def test_what_is_neither_picture_nor_pdf_is_refused_whatever_it_is_called(content, name):
    assert refusal(name, content).startswith("Only pictures (PNG, JPEG, GIF, WebP) and PDF files can be added")


def test_a_wrong_ending_is_put_right():
    assert ready(Upload("invoice.pdf", picture("PNG")), LARGEST).name == "invoice.png"
    assert ready(Upload("photo.exe", pdf()), LARGEST).name == "photo.pdf"


def test_nothing_of_a_polyglot_but_the_picture_stays():
    hidden = b"<script>alert(1)</script>" + b"PK\x03\x04 evil.jar"
    for kind in ("JPEG", "PNG", "GIF"):
        file = ready(Upload("x", picture(kind) + hidden), LARGEST)
        assert b"script" not in file.content and b"evil" not in file.content
    comment = picture("JPEG", comment=hidden)
    assert hidden in comment and b"script" not in ready(Upload("x", comment), LARGEST).content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "That file is empty."),
        (bytes(LARGEST + 1), "That file is larger than 1 MB."),
        (picture("JPEG")[:-200], "damaged or incomplete"),
        (picture("PNG", (300, 300))[:-30], "damaged or incomplete"),
        (picture("GIF", (300, 300))[:40], "damaged or incomplete"),
        (picture("WEBP")[:30], "damaged or incomplete"),
        (b"\xff\xd8\xff", "damaged or incomplete"),
        (b"\x89PNG\r\n\x1a\n", "damaged or incomplete"),
        (b"RIFF\x00\x00\x00\x00WEBP", "damaged or incomplete"),
        (pdf()[:-8], "damaged or incomplete"),
        (picture("JPEG") + b"\xff\xda" * 200, "damaged or incomplete"),
        (png_that_says(10_000, 10_001), "more than 50 million pixels"),
        (png_that_says(2**31 - 1, 2**31 - 1), "more than 50 million pixels"),
        (webp_that_says(10_000, 10_001), "more than 50 million pixels"),
        (webp_that_says(2**24, 2**24), "more than 50 million pixels"),
        (gif_that_says(60_000, 60_000), "more than 50 million pixels"),
        (gif_with_a_frame_of(60_000, 60_000), "more than 50 million pixels"),
        (png_that_says(1, 50_000_000), "longer than 65,535 pixels"),
        (png_that_says(50_000_000, 1), "longer than 65,535 pixels"),
        (webp_that_says(2**24, 1), "longer than 65,535 pixels"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(content, told):
    assert told in refusal("x.png", content)


@pytest.mark.parametrize(
    "content",
    [
        png_with(chunk(b"eXIf", b"Exif\0\0" * 150_000)),
        png_with(chunk(b"tEXt", PROFILE + HEADS)),
        png_with(chunk(b"zTXt", PROFILE + b"\0" + zlib.compress(HEADS))),
        jpeg_with_exif_heads(20_000, 7),
    ],
    ids=["PNG", "PNG as text", "PNG as compressed text", "JPEG in many pieces"],
)
def test_data_about_a_photo_that_would_hold_up_the_others_are_refused(content):
    assert "damaged or incomplete" in refusal("x.png", content)


@pytest.mark.parametrize(
    "comments",
    [lambda length: b"\x21\xfe\x01a\0" * (length // 5), lambda length: b"\x21\xfe" + b"\x01a" * (length // 2) + b"\0"],
    ids=["many", "one of many pieces"],
)
def test_comments_of_a_gif_take_no_longer_than_their_length_says(comments):
    def seconds(length):
        began, file = time.process_time(), gif_with(comments(length))
        assert opened(ready(Upload("a.gif", file), 10_000_000)).size == (64, 48)
        return time.process_time() - began

    assert min(seconds(2_000_000) for _ in range(2)) < 10 * max(min(seconds(500_000) for _ in range(3)), 0.01)


def test_a_gif_that_is_cut_off_is_refused():
    file = gif_with(b"\x21\xf9\x04\0\0\0\0\0")
    assert opened(ready(Upload("a.gif", file), LARGEST)).size == (64, 48)
    for length in (6, 12, 20, file.index(b"\x21\xf9") + 5, len(file) - 10):
        assert "damaged" in refusal("a.gif", file[:length])


def test_a_hundred_million_pixels_are_refused_before_they_are_unpacked(monkeypatch):
    file = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(file, "PNG")
    assert len(file.getvalue()) < 100_000
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    assert "more than 50 million pixels" in refusal("bomb.png", file.getvalue())
