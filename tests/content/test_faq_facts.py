"""Every fact of the FAQ is in its answer, on the site and in Slack; nothing that it only advises is demanded."""

import re
from pathlib import Path

import pytest
import yaml

from bot.content.responses import responses

# What must be read, as patterns of lower-case words without marks; "one|other" where Slack says it shorter.
FACTS = {
    "credential_types": (
        "in the industry",
        "digital credentials and micro-credentials are",
        '"badges"',
        "at onestream",
        "additional (level of )?rigor",
        "onestream certified status",
        "certifications",
        "only earned by passing a high stakes onestream certification exam",
        "earned for completing one or more of a range of requirements",
        "courses and labs, passing assessments, and participation",
        "to name a few",
        "gaming motivation, course progress, and community engagement",
        "typically issued within onecommunity rather than credly",
    ),
    "credential_benefits": (
        "representing your skills as a digital credential or micro-credential",
        "share your abilities online in a way that is simple, trusted, and can be easily verified in real time",
        "provide viewers concrete evidence",
        "what you had to do to earn your credential",
        "what you're now capable of",
        "credly also offers labor market insights based on your skills",
    ),
    "identify_credential_type": (
        "a onestream certification, the highest level of credentialing",
        "if you passed a high stakes certification exam with a proctor present",
        "likely",
        'title (will have|includes) "certified" or "certification"',
        "name of the training you completed, or the program in which you participated",
        "is not a certification and should not be referred to as such",
    ),
    "what_is_credly": (
        "digital credentialing platform",
        "works with credible organizations",
        "provide digital credentialing to individuals, worldwide",
    ),
    "earning_notification": (
        "email notification from credly",
        r"admin@credly\.com",
        "instructions for claiming your badge and creating your account",
    ),
    "unclaimed_credential": (
        "remain available on the credly platform",
        "anytime you accept the terms to claim and share",
        "the first time you log into the credly system",
        "all credentials that you have earned and are qualified to claim and share",
    ),
    "missing_digital_credential": (
        r"contact certification@onestreamsoftware\.com",
        "will be able to assist you",
    ),
    "missing_micro_credential": (
        "there may be several reasons",
        "troubleshoot",
        "approximately 10 days",
        "typically issued once a week on mondays",
        "confirm that your training dashboard in navigator reflects 100% completion of the training",
        "check your spam or junk folder|check the spam or junk folder",
        r"admin@credly\.com",
        r"if none of these tips work, contact certification@onestreamsoftware\.com",
        "will be able to assist",
    ),
    "missing_some_credentials": (
        "most likely that you have two credly profiles",
        "one under a previous email address and one under a current",
        "(have|with) access to both",
        "merge the accounts",
        "(do not have|without) access to both",
        "merge the accounts in reverse",
    ),
    "privacy_settings": (
        "easily configure your privacy settings in credly",
        "in complete control of the information about yourself that is made public",
    ),
    "credential_copying": (
        "displayed as digital image files",
        "uniquely linked to data hosted and verified on the credly platform",
        "more reliable and secure than a paper-based certificate",
        "eliminates the possibility of anyone claiming your credential and your associated identity",
    ),
    "email_signature": ("^yes", "email signature", "clickable", "differs by email provider", "gmail", "outlook"),
    "email_signature_multiple": (
        "^yes",
        "multiple",
        "email signature",
        "differs by email provider",
        "gmail",
        "outlook",
    ),
    "sharing_options": (
        "currently",
        "linkedin, facebook, twitter, whatsapp, xing, and zip recruiter",
        "directly from the credly platform",
        "email:|email\n",
        "personal blog or website: embed it",
        "email signature",
        "download your digital credential or micro-credential and link it anywhere online",
        "how to accept and manage your digital badge",
        r"how to accept your badge \(shorter version\)",
        "share to linkedin",
    ),
    "newsfeed_appearance": (
        "social media newsfeed",
        "clickable post back to the credly platform to verify the metadata",
        "image of the badge",
        "name of the credential",
        'customizable verbiage inviting people to "view my verified achievement on credly"',
    ),
    "share_verification": (
        "^yes",
        "shared to linkedin profiles and social media newsfeeds",
        "clickable to verify metadata",
        "backed by metadata",
        "viewable to anyone who clicks on the share",
    ),
    "linkedin_multiple_display": (
        "separate items on the profile,? within the licenses and certifications area on linkedin",
        "distinguished by the name and date range",
        "clickable to verify the associated metadata",
    ),
    "export_credentials": (
        "^yes",
        "downloaded digital credential or micro-credential",
        r"open badge infrastructure \(obi\) compliant metadata embedded into the image",
        "other obi-compliant badge sites such as the mozilla backpack",
    ),
    "import_credentials": ("^not at this time",),
    "credly_support": (
        r"https://support\.credly\.com/hc/en-us",
        "various articles and videos",
        "submit a support ticket to receive help directly",
    ),
    "credential_expiry": (
        "see the expiration date for each individual digital credential or micro-credential",
        "in the metadata for that credential",
        "will still be visible in credly but will be flagged as expired",
    ),
    "expiry_on_linkedin": (
        "^no",
        "linkedin profile view",
        r"indicated by the date range \(month/year to month/year\)",
        "beneath the credential name in the metadata on the credly platform",
        "expired certifications will be reflected as such on credly",
    ),
}
SAID = [(faq, number) for faq in FACTS for number, _ in enumerate(responses()[f"utter_faq/{faq}"])]


def plain(text):
    """Words as they are read, in lower case: no emphasis, no address behind a link's words, straight quotes."""
    text = text.translate(str.maketrans("“”’", '""\'')).replace("**", "")
    text = re.sub(r"\[([^\[\]]*)\]\((?:mailto:|link:)[^)]*\)", r"\1", text)
    return text.lower()


def test_every_faq_has_its_facts():
    asked = {name.removeprefix("utter_faq/") for name in responses() if name.startswith("utter_faq/")}
    assert set(FACTS) == asked and len(asked) == 22


@pytest.mark.parametrize(("faq", "number"), SAID)
def test_no_fact_of_the_source_is_missing_or_reworded_into_another(faq, number):
    text = plain(responses()[f"utter_faq/{faq}"][number]["text"])
    assert [fact for fact in FACTS[faq] if not re.search(fact, text)] == []


def test_the_dashboard_is_to_be_checked_and_nothing_says_that_100_percent_is_demanded():
    staff = yaml.safe_load(Path("data/slack.yml").read_text(encoding="utf-8"))
    learner = {name: variant["text"] for name, variants in responses().items() for variant in variants}
    named = {name: text for name, text in [*staff.items(), *learner.items()] if "100%" in str(text)}
    assert "utter_stage_not_completed" in named and "stage_not_completed" in named
    for name, text in named.items():
        assert re.search(r"confirm that (your|the) training dashboard in navigator reflects 100%", text.lower()), name
