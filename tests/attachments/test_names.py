import pytest

from bot.attachments.kinds import FileKind
from bot.attachments.names import clean_name, size_in_words


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\Leila\\My photo.JPG", "My photo.png"),
        ("/", "file.png"),
        ("", "file.png"),
        ("...", "file.png"),
        (".htaccess", "file.png"),
        ("a\r\nContent-Type: text/html\r\n\r\n<script>.png", "html_script_.png"),
        ("a\0b.png", "ab.png"),
        ("photo\u202egnp.exe", "photognp.png"),
        ("a\u2028b\u00a0c.png", "a b c.png"),
        ("Ausweis Müller-Öztürk.pdf.png", "Ausweis Müller-Öztürk.pdf.png"),
        ("证书.png", "证书.png"),
        ('a"b;c%41.png', "a_b;c_41.png"),
        ("leila@example.com.png", "leila@example.com file.png"),
        ("\ud800x.png", "x.png"),
    ],
)
def test_names_lose_paths_controls_and_wrong_endings(given, shown):
    assert clean_name(given, FileKind.PNG) == shown


def test_names_are_short():
    assert clean_name("x" * 10_000 + ".pdf", FileKind.PDF) == "x" * 80 + ".pdf"


def test_sizes_are_read_easily():
    assert [size_in_words(size) for size in (1, 999, 150_000, 1_250_000)] == ["1 kB", "1 kB", "150 kB", "1.2 MB"]
