"""What personal data looks like apart from names: one rule a kind, in the order in which they are tried.

Every pattern is bounded and begins where nothing of its kind stands before it, so that a long text is read once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum


class PrivateKind(str, Enum):
    """What was blacked out; the value is what is shown instead."""

    NAME = "(name)"
    PLACE = "(place)"
    ADDRESS = "(address)"  # of mail
    NUMBER = "(number)"  # of a phone, an account, a card, a document, a person, a ticket, a car
    ACCOUNT = "(account)"  # how somebody is called in some system
    LINK = "(link)"
    NETWORK = "(network)"
    BIRTH = "(date of birth)"
    SECRET = "(code)"  # noqa: S105  a password or a one-time code
    COMPANY = "(company)"

    @property
    def words(self) -> str:
        """What one of it is called."""
        return _SINGULAR.get(self, self.value.strip("()"))

    def counted(self, number: int) -> str:
        """As "2 names"."""
        plural = {"company": "companies", "date of birth": "dates of birth"}
        return f"{number} {self.words if number == 1 else plural.get(self.words, self.words + 's')}"


_SINGULAR = {
    PrivateKind.ADDRESS: "e-mail address",
    PrivateKind.ACCOUNT: "user name",
    PrivateKind.NETWORK: "network address",
    PrivateKind.SECRET: "code or password",
}


@dataclass(frozen=True)
class Rule:
    """Finds one kind of personal data.

    Args:
        pattern: its group "what" is blacked out, or all of it where it has none.
        fits: whether a text found so is meant; it is given the whole match.
    """

    kind: PrivateKind
    pattern: re.Pattern[str]
    fits: Callable[[re.Match[str]], bool] = lambda found: True

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands, from the left."""
        group = "what" if "what" in self.pattern.groupindex else 0
        for found in self.pattern.finditer(text):
            if self.fits(found) and found.start(group) < found.end(group):
                yield found.span(group)


OUR_HOSTS = (
    r"(?:www\.|info\.|support\.)?(?:credly|linkedin|onestream|onestreamsoftware|youracclaim|facebook|twitter|instagram)"
    r"\.com|x\.com|onecommunity\.onestreamsoftware\.com"
)
_ROLES = r"(?:admin|support|info|no-?reply|certification|certifications|help|billing|sales|privacy|training)"
_HOST = r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}"
_DOT = r"(?:\.|\s?[(\[{]\s?(?:dot|punto|punkt|point)\s?[)\]}]\s?|\s(?:dot|punto|punkt|point|ponto)\s)"
_AT = r"(?:\s{0,2}@\s{0,2}|\s?[(\[{]\s?(?:at|ät|arroba)\s?[)\]}]\s?)"
_SPOKEN_AT = r"\s(?:at|arroba|ät|klammeraffe)\s"
_SPOKEN_DOT = r"\s(?:dot|punto|punkt|ponto)\s"
_UNDERSCORE = r"(?:\s(?:underscore|dash|hyphen|minus)\s)"
_NOT_LOCAL = r"(?!(?:me|us|him|her|them|you|look|looked|reach|mail|write|contact|it|is|badge|badges|one|are)\s)"
_OUR_ROLES = rf"(?!{_ROLES}@(?:credly|onestream|onestreamsoftware)(?![\w-]))"
_LOCAL = rf"(?<![\w.+'-])(?:\w\s)?[\w.+'-]{{1,64}}(?:(?:{_DOT}|{_UNDERSCORE})[\w+'-]{{1,40}}){{0,4}}"
_PROVIDERS = r"(?:gmail|googlemail|outlook|hotmail|live|yahoo|icloud|gmx|web|aol|proton|protonmail|yandex|mail|qq)"
_FILL = (
    r"(?:\s?(?:[:=#.]|is|was|are|am|are:|no\.?|nos?|number|numbers|nr\.?|num|nummer|id|ids|the|my|it'?s|ending|in|with|"
    r"ref\.?|reference|code|digits|four|4|called|named|name|says|ist|lautet|es|est|called)(?!\w)){0,5}\s{0,3}[:=#]?\s?"
)
_VALUE = (
    r"(?P<what>(?:[A-Z]{1,3}\s)?#?[\w*][\w*./+-]{0,40}(?:\s(?=[A-Za-z]{0,3}[\d*])[\w*./+-]{1,20}){0,6}"
    r"(?:\s(?:[B-HJ-Z]|(?-i:[A-Z]{2,3}))(?![\w'’]))?)"
)
_STRONG = (
    r"passport|passports?\s?n(?:o|umber)|passnummer|id\s?card|identity\s?(?:card|number)|national\s?id|ssn|social\s?"
    r"security|ni\s?number|nino|dni|nie|aadhaar|aadhar|codice\s?fiscale|driving\s?licen[cs]e|driver'?s\s?licen[cs]e|pesel|cpf|"
    r"cnpj|tax\s?id|steuer-?id|employee|staff|personnel|personalnummer|mitarbeiternummer|learner|candidate|student|"
    r"membership|member|customer|worker|user\s?id|userid|badge\s?holder|matrikelnummer|account|acct|konto|kontonummer|"
    r"routing|sort\s?code|iban|bic|swift|card|visa|mastercard|master\s?card|amex|american\s?express|cvv2?|cvc2?|last\s?four|"
    r"last\s?4|ticket|case|order|invoice|crt|reference|ref|confirmation(?:\s?code)?|voucher|coupon|registration|booking|"
    r"zip\s?code|zip|pin\s?code|post\s?code|postal\s?code|plz|phone|telephone|tel|mobile|cell|handy|whatsapp|fax|fon|licen[cs]e\s?plate|"
    r"number\s?plate|plate|car(?:'s)?\s?reg(?:istration)?|vehicle\s?reg(?:istration)?|kennzeichen|nummernschild"
)
_LABELLED = re.compile(rf"(?<![\w-])(?:{_STRONG})s?(?!\w)(?:\s?\(.{{0,20}}?\))?{_FILL}{_VALUE}", re.IGNORECASE)
_VEHICLES = (
    r"cars?|vehicle|van|truck|motor(?:bike|cycle)|scooter|taxi|rego?|registration|auto|wagen|coche|carro|voiture|matr[ií]cula|"
    r"placas?|immatriculation|targa|plaka|tablica|rejestracj[ai]|parking\s(?:for|of)|park"
)
_CODES = (
    r"(?<!error )(?<!exam )(?<!course )(?:one-?time\s(?:code|password)|verification\scode|security\scode|access\scode|"
    r"code|otp|pin|tan|passcode)"
)
_MONTH = r"[^\W\d_]{3,12}\.?"
_SPAN = (
    r"(?:days?|weeks?|months?|years?|hours?|minutes?|times?|badges?|people|level|step|and|but|not|the|is|in|on)(?!\w)"
)
_BORN = (
    r"(?:born|birth\s?date|birth\s?day|b-?day|birth|date\sof\sbirth|d\.?o\.?b\.?|geboren|geb\.|geburtsdatum|geburtstag|née?|"
    r"naissance|nacid[oa]|nacimiento|nat[oa]|nascita|nascid[oa]|nascimento|urodzon[ya]|født|född|doğum)"
)
_DAY = (
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}(?:st|nd|rd|th)?\.?\s(?:of\s|de\s|di\s)?"
    + _MONTH
    + r",?\s(?:de\s)?'?\d{2,4}"
    r"|" + _MONTH + r"\s\d{1,2}(?:st|nd|rd|th)?,?\s'?\d{2,4}|(?:19|20)\d\d"
    r"|\d{1,2}(?:st|nd|rd|th)?\.?\s(?:of\s|de\s|di\s)?(?!" + _SPAN + r")" + _MONTH + r"(?!\w)"
    r"|(?!" + _SPAN + r")" + _MONTH + r"\s\d{1,2}(?:st|nd|rd|th)?(?![\w%]))"
)
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_CAPITAL_WORD = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]{0,30}"
_WAY = "street|str|st|road|rd|avenue|ave|lane|ln|boulevard|blvd|terrace|crescent|parkway|straat|gate"
_CAPITAL_WAY = (
    "Drive|Dr|Court|Ct|Way|Square|Sq|Close|Gardens|Grove|Park|Row|Mews|Walk|Place|Pl|Hill|Green|Yard|Quay|Rise"
)
_COMPOUND = "straße|strasse|str\\.|weg|gasse|platz|allee|straat|laan|gatan|vägen|gade|vej|gata"
_BEFORE = "rue|avenue|boulevard|calle|avenida|rua|via|viale|piazza|ulica|ul\\."
_SIGNS = frozenset("!#$%&*@^+=?_~|<>{}[]\\")
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|double|triple|hundred|thousand)"
_SIGN_IN_WORD = (
    r"(?:pass\s?words?|pass\s?phrase|passwort|passwd|pass|pwd?|kennwort|contraseña|clave|mot\sde\spasse|senha|hasło|heslo|"
    r"jelszó|lösenord|passord|adgangskode|salasana|şifre|parola|wachtwoord|sandi|пароль|密码|パスワード|비밀번호)"
)
_NETWORKS = (
    r"(?:git\s?hub|git\s?lab|discord|telegram|skype|insta(?:gram)?|twitter|tik\s?tok|slack|we\s?chat|line|viber|signal|"
    r"snap(?:chat)?|credly|acclaim|facebook|fb|xing|linkedin|reddit|steam|kaggle|threads|mastodon|zoom|teams|paypal|venmo)"
)
_DATE = re.compile(r"(?:(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


def _is_labelled(found: re.Match[str]) -> bool:
    """At least three digits that are no year or date, or capitals and digits mixed, or stars before the last ones."""
    what, label = found["what"].strip(" .#/-"), found[0][: found.start("what") - found.start()].lower()
    if _DATE.fullmatch(what) or (
        _YEAR.fullmatch(what) and not re.match(r"zip|post|plz|cvv|last|card|konto|perso", label)
    ):
        return False
    mixed = len(what) >= 5 and what.isupper() and _digits(what) > 0
    lone = label.startswith(("bic", "swift")) and len(what) >= 8 and what.isupper()
    return _digits(what) >= 3 or mixed or lone or ("*" in what and _digits(what) >= 2)


def _is_code(found: re.Match[str]) -> bool:
    return _digits(found["what"]) >= 4 and not _DATE.fullmatch(found["what"])


def _is_number(found: re.Match[str]) -> bool:
    """Seven digits or more that are no date, nor a date with its time."""
    what = found[0].strip()
    return _digits(what) >= 7 and not _DATE.match(what)


def _is_long_number(found: re.Match[str]) -> bool:
    return not _DATE.fullmatch(found[0])


def _is_mixed(found: re.Match[str]) -> bool:
    """Letters and at least four digits that are more than a year: the number of a document or an order."""
    what = found[0].strip("-/")
    letters = any(letter.isalpha() for letter in what)
    year = _digits(what) == 4 and bool(_YEAR.search(what))
    ordinal = re.fullmatch(r"\d+(?:st|nd|rd|th|h|m|s|x|k|mb|gb|kb|days?|hours?|min|pm|am|px)", what, re.IGNORECASE)
    return letters and _digits(what) >= 4 and not year and not ordinal


def _is_account_number(found: re.Match[str]) -> bool:
    return _digits(found[0]) >= 8


def _is_network(found: re.Match[str]) -> bool:
    parts = found[0].split(":")
    return not all(part.isdigit() and len(part) <= 2 for part in parts) and len(found[0]) >= 6


def _is_login(found: re.Match[str]) -> bool:
    from bot.insight.given_names import english_words

    what = found["what"].strip(".,;:!?").lower()
    return len(what) > 1 and what not in english_words()


def _is_password(found: re.Match[str]) -> bool:
    from bot.insight.given_names import english_words

    what = found["what"].strip(".,;:")
    told = bool(re.search(r"[:=]\s{0,3}$", found[0][: found.start("what") - found.start()]))
    return told or any(not letter.isalpha() for letter in what.strip("?!'’")) or what.lower() not in english_words()


def _is_odd_password(found: re.Match[str]) -> bool:
    """Where nothing says that a password follows: only what no text has, letters with digits or signs among them."""
    what = found["what"].strip(".:?!)(…")
    mixed = any(letter.isalpha() for letter in what) and any(letter.isdigit() or letter in _SIGNS for letter in what)
    return (mixed and not _is_text(what)) or (what.isdigit() and not _YEAR.fullmatch(what))


def _is_odd_login(found: re.Match[str]) -> bool:
    """The same of user names: with a digit or a joint, and a part that is no word or glued to digits."""
    what = found["what"].strip(".,;:!?)-")
    return any(letter.isdigit() or letter in "_#." for letter in what[1:]) and not _is_text(what)


def _is_handle(found: re.Match[str]) -> bool:
    what = found["what"].strip(".,;:!?)-")
    return len(what) > 2 and not _is_text(what)


def _is_text(what: str) -> bool:
    """Whether words of a text stand there, be they joined: "e-mail", "level2", "reset/change", "10-digit"."""
    from bot.insight.given_names import english_words

    if re.search(
        r"\.(?:md|pdf|png|jpe?g|svg|gif|json|html?|docx?|xlsx?|pptx?|csv|txt|zip|msg|eml)$", what, re.IGNORECASE
    ):
        return True  # the name of a file
    joined = re.search(r"[^\W\d_]\d{2}|\d[^\W\d_]|[^\W\d_][_#$!@%&*]\w", what)
    return not joined and all(part in english_words() for part in re.findall(r"[^\W\d_]+", what.lower()))


def _is_plate(found: re.Match[str]) -> bool:
    what = found["what"]
    letters = "".join(letter for letter in what if letter.isalpha())
    return _digits(what) >= 2 and len(letters) >= 2 and (letters.isupper() or "number" in found[0].lower())


def _is_street(found: re.Match[str]) -> bool:
    return not re.match(
        r"\d+,?\s+(?:days?|weeks?|months?|years?|badges?|hours?|minutes?|of|to|times?|people)\b", found[0], re.I
    )


RULES = (
    # Links: what is behind a host that everybody knows; the host, too, of others.
    Rule(PrivateKind.LINK, re.compile(rf"(?<![\w@])(?:https?://)?(?:{OUR_HOSTS})/(?P<what>[^\s<>\"]{{1,2000}})", re.I)),
    Rule(
        PrivateKind.LINK,
        re.compile(
            rf"(?<![\w@])(?!(?:https?://)?(?:{OUR_HOSTS})(?![\w.-]))(?:https?://|www\.)[^\s<>\"]{{3,2000}}", re.I
        ),
    ),
    Rule(
        PrivateKind.LINK,
        re.compile(
            rf"(?<![\w@./-])(?!(?:{OUR_HOSTS}))[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{0,4}}\.[a-z]{{2,10}}/[^\s<>\"]{{1,2000}}",
            re.I,
        ),
    ),
    # Mail
    Rule(
        PrivateKind.ADDRESS,
        re.compile(
            rf"(?<![\w.+'-]){_OUR_ROLES}(?:mailto:)?[\w.+'-]{{1,64}}\s?@\s?{_HOST}"
            rf"(?:(?:{_SPOKEN_DOT}|\s?[(\[]\s?dot\s?[)\]]\s?)[a-z]{{2,10}}){{0,2}}",
            re.I,
        ),
        lambda found: not found[0].startswith("@"),
    ),
    Rule(
        PrivateKind.ADDRESS,
        re.compile(rf"(?<![\w.+'-]){_OUR_ROLES}{_LOCAL}{_AT}[\w-]{{1,40}}(?:{_DOT}[a-z-]{{2,20}}){{1,3}}", re.I),
    ),
    Rule(
        PrivateKind.ADDRESS,
        re.compile(
            rf"(?<![\w.+'-]){_NOT_LOCAL}{_LOCAL}{_SPOKEN_AT}[\w-]{{1,40}}(?:{_SPOKEN_DOT}|\s?\(dot\)\s?)[a-z-]{{2,20}}(?:{_SPOKEN_DOT}[a-z-]{{2,20}}){{0,2}}",
            re.I,
        ),
    ),
    Rule(
        PrivateKind.ADDRESS,
        re.compile(
            rf"(?<![\w.+'-]){_NOT_LOCAL}{_LOCAL}{_SPOKEN_AT}{_PROVIDERS}[. ]"
            r"(?:com|de|net|org|fr|es|it|co\.uk|me|at|ch|in|br)(?!\w)",
            re.I,
        ),
    ),
    # Networks, places on the map
    Rule(
        PrivateKind.NETWORK,
        re.compile(r"(?<![\w.:])(?<!version )(?<!release )\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]\d)"),
    ),
    Rule(PrivateKind.NETWORK, re.compile(r"(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])", re.I)),
    Rule(
        PrivateKind.NETWORK,
        re.compile(r"(?<![\w:])[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){2,7}(?![\w:])", re.I),
        _is_network,
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(r"(?<![\w.])-?\d{1,3}\.\d{3,12}°?\s?[NS]?\s?[,; ]\s?-?\d{1,3}\.\d{3,12}°?\s?[EW]?(?!\w)"),
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(r"(?<!\w)(?:lat|latitude|lon|lng|long|longitude|geo)\s?[:=]?\s?(?P<what>-?\d{1,3}\.\d{2,12})", re.I),
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(r"\d{1,3}°\s?\d{1,2}\s?['′’]\s?(?:\d{1,2}(?:\.\d{1,4})?\s?[\"″”]?)?\s?[NSEWO]?(?!\w)"),
    ),
    Rule(PrivateKind.PLACE, re.compile(r"(?<![\w/:])///[^\W\d_]{2,30}(?:[.・][^\W\d_]{2,30}){2}(?!\w)")),
    Rule(
        PrivateKind.PLACE,
        re.compile(
            r"(?<!\w)(?:what\s?3\s?words?|w3w)(?:\s?[:=]|\s(?:is|address|code)){0,3}\s{0,3}"
            r"(?P<what>[^\W\d_]{2,30}(?:[.・][^\W\d_]{2,30}){2})",
            re.I,
        ),
    ),
    Rule(PrivateKind.PLACE, re.compile(r"(?<![\w+])[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}(?!\w)", re.I)),
    # Secrets
    Rule(
        PrivateKind.SECRET,
        re.compile(
            rf"(?<!\w){_SIGN_IN_WORD}"
            r"(?:\s(?:is|was|ist|es|est|è)(?:\s?[:=])?\s|\s?[:=]\s?)(?P<what>[^\s,;]{2,60})(?=[\s,;]|$)",
            re.I,
        ),
        _is_password,
    ),
    Rule(
        PrivateKind.SECRET,
        re.compile(rf"(?<!\w){_SIGN_IN_WORD}\s?[:=]\s?(?P<what>[^\n,;.]{{2,40}})", re.I),
    ),
    Rule(
        PrivateKind.SECRET,
        re.compile(
            rf"(?<!\w){_SIGN_IN_WORD}(?:\s(?:to|as|with|like|says|i typed|i use)|\s?[-–>]{{1,2}})?\s{{1,3}}"
            r"[\"'“‘]?(?P<what>[^\s,;\"”’]{4,60})",
            re.I,
        ),
        _is_odd_password,
    ),
    Rule(
        PrivateKind.BIRTH,
        re.compile(
            rf"(?<!\w){_BORN}(?:\s?(?:[:=–-]|is|was|on|in|the|am|le|el|il|em|den|dne)(?![\w])){{0,4}}?\s{{0,3}}(?P<what>{_DAY})",
            re.I,
        ),
    ),
    Rule(
        PrivateKind.SECRET,
        re.compile(rf"(?<!\w){_CODES}{_FILL}(?P<what>(?:[A-Z]-)?\d[\d -]{{2,12}}\d)(?![\w])", re.I),
        _is_code,
    ),
    # Numbers with what they are of
    Rule(PrivateKind.NUMBER, re.compile(r"(?<!\w)crt[\s-]{0,3}\d{4}[\s-]{1,3}\d{1,8}", re.I)),
    Rule(
        PrivateKind.NUMBER,
        re.compile(
            r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4})(?:[ -]?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){1,6}"
            r"(?:[ -]?(?=[A-Z]{0,2}\d)[A-Z0-9]{1,3})?(?!\w)",
            re.I,
        ),
        _is_account_number,
    ),
    Rule(PrivateKind.NUMBER, re.compile(r"(?<!\w)[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?!\w)", re.I), _is_account_number),
    Rule(PrivateKind.NUMBER, _LABELLED, _is_labelled),
    Rule(
        PrivateKind.NUMBER,
        re.compile(r"(?<!\w)(?:exp|expiry|expires|valid thru)\.?:?\s(?P<what>\d\d/\d\d)(?!\d)", re.I),
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(
            rf"(?<![\w.])\d{{1,5}}[a-z]?,?\s{{1,3}}(?:{_WORD}\s{{1,3}}){{1,3}}?(?:{_WAY})(?!\w)\.?(?:\s[NS]?[EW]?(?!\w))?",
            re.I,
        ),
        _is_street,
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(
            rf"(?<![\w.])\d{{1,5}}[a-zA-Z]?,?\s{{1,3}}(?:{_CAPITAL_WORD}\s{{1,3}}){{1,3}}(?:{_CAPITAL_WAY})(?!\w)\.?"
        ),
    ),
    Rule(
        PrivateKind.PLACE, re.compile(rf"(?<![\w-])[\w-]{{1,40}}(?:{_COMPOUND})\s{{0,3}}\d{{1,4}}\s?[a-z]?(?!\w)", re.I)
    ),
    Rule(
        PrivateKind.PLACE, re.compile(rf"(?<!\w)(?:{_BEFORE})\s{_WORD}(?:\s{_WORD}){{0,3}}?,?\s?\d{{1,4}}(?!\w)", re.I)
    ),
    Rule(PrivateKind.PLACE, re.compile(rf"(?<!\w)\d{{1,4}},?\s(?:{_BEFORE})\s{_WORD}(?:\s{_WORD}){{0,3}}", re.I)),
    Rule(PrivateKind.PLACE, re.compile(r"(?<!\w)p\.?\s?o\.?\s?box\s\d{1,8}|(?<!\w)postfach\s\d{1,8}", re.I)),
    Rule(
        PrivateKind.PLACE,
        re.compile(rf"(?<!\w)\d{{1,3}}[- ](?i:chome)(?:[-\s]\d{{1,3}}){{0,3}}(?:,?\s{_CAPITAL_WORD}){{0,2}}"),
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(rf"(?<![\w./-])\d{{1,3}}-\d{{1,3}}-\d{{1,3}},?\s(?P<town>{_CAPITAL_WORD})"),  # Japanese
        lambda found: not _all_ours(found["town"]),
    ),
    Rule(PrivateKind.PLACE, re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?!\w)")),  # British
    Rule(PrivateKind.PLACE, re.compile(r"(?<!\w)[A-Z]\d[A-Z]\s\d[A-Z]\d(?!\w)", re.I)),  # Canadian
    Rule(
        PrivateKind.PLACE,
        re.compile(rf"(?<!\w)(?:{_CAPITAL_WORD}\s){{0,2}}{_CAPITAL_WORD},\s[A-Z]{{2}}\s\d{{5}}(?:-\d{{4}})?(?!\w)"),
    ),
    Rule(PrivateKind.PLACE, re.compile(rf"(?<![\w.-])\d{{2}}-\d{{3}}\s{_CAPITAL_WORD}")),  # Polish
    Rule(PrivateKind.PLACE, re.compile(rf"(?<!\w)\d{{4}}\s?[A-Z]{{2}}\s{_CAPITAL_WORD}")),  # Dutch
    Rule(
        PrivateKind.PLACE,
        re.compile(rf"(?<!\w)\d{{5}}(?:-\d{{3}})?\s{_CAPITAL_WORD}(?:\s(?:am|an der|de|do)\s{_CAPITAL_WORD})?"),
    ),
    Rule(
        PrivateKind.PLACE,
        re.compile(rf"(?<!\w)(?i:in|from|to|at|near|address:?)\s(?P<what>(?!19|20)\d{{4}}\s(?P<town>{_CAPITAL_WORD}))"),
        lambda found: not _all_ours(found["town"]),
    ),
    # Numbers by their form
    Rule(PrivateKind.NUMBER, re.compile(r"(?<!\w)[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}\s?\d{1,4}(?!\w)")),
    Rule(PrivateKind.NUMBER, re.compile(r"(?<!\w)[A-Z]{2}-\d{3}-[A-Z]{1,2}(?!\w)")),
    Rule(PrivateKind.NUMBER, re.compile(r"(?<![\w-])[A-Z]{2}[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}(?![\w-])", re.I)),
    Rule(
        PrivateKind.NUMBER,
        re.compile(
            rf"(?<![\w-])(?:{_VEHICLES})(?!\w)(?:\s?[:=.]|\s(?:is|was|no|nr|number|with|has|plate)\.?(?!\w)){{0,3}}\s{{1,2}}"
            r"(?P<what>(?=[A-Z -]{0,8}\d)[A-Z\d]{1,4}(?:[ -]?(?=[A-Z]{0,3}\d|(?-i:[A-Z]))[A-Z\d]{1,4}){0,3})(?![\w-])",
            re.I,
        ),
        _is_plate,
    ),
    Rule(
        PrivateKind.NUMBER,
        re.compile(r"(?<![\w/-])(?=[\w/-]{0,40}\d)(?=[\w/-]{0,40}[^\W\d_])\w[\w/-]{5,39}(?![\w/-])"),
        _is_mixed,
    ),
    Rule(PrivateKind.NUMBER, re.compile(r"(?<![\w.,])[+(]{0,2}\d[\d ().\u00a0/-]{5,40}\d(?!\w)"), _is_number),
    Rule(PrivateKind.NUMBER, re.compile(r"(?<!\d)\d(?:[\s-]?\d){5,60}"), _is_long_number),
    Rule(PrivateKind.NUMBER, re.compile(rf"(?<!\w){_DIGIT_WORD}(?:[\s-]{_DIGIT_WORD}){{4,40}}(?!\w)", re.I)),
    # How somebody is called elsewhere
    Rule(PrivateKind.ACCOUNT, re.compile(r"(?<![\w@.])@[\w][\w.-]{1,40}")),
    Rule(
        PrivateKind.ACCOUNT,
        re.compile(
            r"(?<!\w)(?:user\s?names?|user\s?ids?|user(?=\s?[:=])|log-?ins?|handle|account\sname|nick(?:name)?|skype|insta(?:gram)?|telegram|"
            r"discord|screen\sname|benutzername|usuario|identifiant|sign(?:ed)?\sin|log(?:ged)?\sin|find\sme)"
            r"(?:\s(?:is|as|was|ist|es|est)\s|\s?[:=]\s?)(?P<what>@?[\w][\w.:@+-]{1,60})",
            re.I,
        ),
        _is_login,
    ),
    Rule(
        PrivateKind.ACCOUNT,
        re.compile(r"(?<!\w)(?:user\s?name|user\s?id|account\sname)\s(?P<what>@?[\w][\w.:@+-]{1,60})", re.I),
        _is_login,
    ),
    Rule(
        PrivateKind.ACCOUNT,
        re.compile(
            rf"(?<!\w)(?:{_NETWORKS}|user|user\s?names?|log-?ins?|account|acc|profile|nick(?:name)?|gamer\s?tag|handle|alias|"
            r"benutzer(?:name)?|usuario|utilisateur|utilizador|usuário|utente|användare|gebruiker(?:snaam)?)"
            r"(?:\s(?:handle|account|user|name|nick|id|profile|is|was|ist|es|est|as|called)|\s?[:=]){0,3}\s{1,2}"
            r"(?P<what>@?\w[\w.:@#+-]{2,60})",
            re.I,
        ),
        _is_odd_login,
    ),
    Rule(
        PrivateKind.ACCOUNT,
        re.compile(
            rf"(?<!\w)(?:(?:{_NETWORKS}|my|user)\s(?:handle|nick(?:name)?|alias|gamer\s?tag)|user\sis)"
            r"(?:\s(?:is|was)|\s?[:=]){0,1}\s{1,2}(?P<what>@?\w[\w.:@#+-]{2,60})",
            re.I,
        ),
        _is_handle,
    ),
    Rule(
        PrivateKind.COMPANY,
        re.compile(
            r"(?<!\w)(?i:(?:work(?:s|ed|ing)?\s(?:at|for|with)|employed\s(?:by|at|with)|(?:my|our|the)\semployer(?:\sis|:)|"
            r"(?:my|our|the)\scompany(?:\sname)?(?:\sis(?:\scalled)?|:)|company(?:\sname)?:|consultant\s(?:with|at|for)|"
            r"(?:we|here)\sat|arbeite\s(?:bei|für)))\s"
            rf"(?P<what>{_CAPITAL_WORD}(?:\s(?:&\s|of\s|and\s)?{_CAPITAL_WORD}){{0,4}})"
        ),
        lambda found: not _all_ours(found["what"]),
    ),
    Rule(
        PrivateKind.COMPANY,
        re.compile(
            rf"(?<!\w)(?:{_CAPITAL_WORD}\s(?:&\s)?){{1,3}}(?:GmbH|AG|Ltd|LLC|LLP|Inc|Corp|S\.?A\.?|B\.?V\.?|SpA|KG|Pty|plc|PLC|SE|Oy|AB)(?![\w])\.?"
        ),
        lambda found: not _all_ours(found[0].rsplit(" ", 1)[0]),
    ),
)


def _all_ours(words: str) -> bool:
    from bot.insight.given_names import words_of_ours

    return all(word.strip("'’.-&").lower() in words_of_ours() for word in words.split())
