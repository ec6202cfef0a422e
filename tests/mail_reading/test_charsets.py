"""Bytes of mails that say less, or other, than they should about their charset."""

import pytest

from bot.mail_reading.charsets import decode

RUSSIAN = "Здравствуйте, меня зовут Иван, я прошёл курс в октябре и до сих пор не получил свой значок."


@pytest.mark.parametrize(
    ("text", "written", "declared"),
    [
        ("Straße", "utf-8", ""),
        ("Straße", "utf-8", "us-ascii"),
        ("Straße", "utf-8", "iso-8859-1"),
        ("Straße", "latin-1", "utf-8"),
        ("Straße", "latin-1", "x-unknown"),
        ("Straße", "latin-1", ""),
        ("Straße", "latin-1", "base64"),
        ("I’m O’Connor, it costs € 50", "cp1252", "iso-8859-1"),
        ("I’m O’Connor, it costs € 50", "cp1252", "us-ascii"),
        ("朱镕基的徽章", "gb18030", "gb2312"),
        ("안녕하세요 뷁", "cp949", "ks_c_5601-1987"),
        ("①番の証明書", "cp932", "shift_jis"),
        ("証明書が届きません", "iso2022_jp", ""),
        ("証明書が届きません", "iso2022_jp", "us-ascii"),
        ("ğüşiöç", "cp1254", "iso-8859-9"),
        ("Привет", "koi8-r", "koi8-r"),
        (RUSSIAN, "cp1251", ""),
        (RUSSIAN, "cp1251", "unknown-8bit"),
        ("héllo", "utf-16", ""),
        ("héllo", "utf-8-sig", "us-ascii"),
        ("a & b", "utf-7", "utf-7"),
    ],
)
def test_a_text_is_read_where_a_reading_exists(text, written, declared):
    assert decode(text.encode(written), declared) == text


def test_a_wrong_byte_spoils_only_itself():
    good = "Grüße aus Köln, schöne Straße, übermäßig fröhlich"
    assert decode(good.encode() + b" caf\xe9", "utf-8") == good + " café"
    assert decode(good.encode() + b" caf\xe9") == good + " café"


def test_html_may_name_its_charset():
    html = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"></head>Привет</html>'
    assert decode(html.encode("cp1251"), "", html=True) == html
    assert "Привет" not in decode(html.encode("cp1251"), "", html=False)


@pytest.mark.parametrize(
    "declared", ["", "utf-8", "latin-1", "idna", "unicode_escape", "hex", "\0", "utf-16", "x" * 9999]
)
def test_any_bytes_are_some_text(declared):
    assert isinstance(decode(bytes(range(256)) * 3, declared), str)
    assert "\\" in decode(b"\\u0041\xe9", "unicode_escape")
