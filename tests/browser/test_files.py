"""Files in the widget: chosen, told about, and saved again."""

from pathlib import Path

from playwright.sync_api import expect

from tests.attachments.files import pdf, phone_picture
from tests.browser.test_chat import ask, greeted


def choose(page, *files):
    described = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    page.locator(".composer input[type=file]").set_input_files(described)


def test_a_picture_is_shown_by_its_name_and_can_be_saved(page, rasa):
    greeted(page)
    choose(page, ("IMG 1.JPG", "image/jpeg", phone_picture()))
    chip = page.locator(".item.user .file")
    expect(chip).to_contain_text("IMG 1.jpg")
    expect(page.get_by_role("log")).to_contain_text("kept for the certification team")
    with page.expect_download() as saved:
        chip.focus()
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename == "IMG 1.jpg"
    assert b"Leila" not in Path(saved.value.path()).read_bytes()
    page.reload()
    expect(page.locator(".item.user .file")).to_contain_text("IMG 1.jpg")
    assert rasa.requests == [] or all("IMG" not in asked.get("text", "") for _, asked in rasa.requests)


def test_what_is_refused_is_said_beside_it(page, services):
    greeted(page)
    choose(page, ("photo.png", "image/png", b"<svg onload='alert(1)'/>"))
    expect(page.locator(".item.user .problem")).to_contain_text("Only pictures")


def test_on_a_phone_what_can_be_done_about_a_refused_file_is_in_sight(page):
    page.set_viewport_size({"width": 375, "height": 667})
    greeted(page)
    ask(page, "My name is wrong on it, and here is what it looks like in my profile. " * 5)
    expect(page.get_by_role("log")).to_contain_text("You said: My name")
    choose(page, ("a picture of the badge with a long name 2026-11-30 at 10.22.33.png", "image/png", b"<svg/>"))
    expect(page.get_by_role("button", name="Remove")).to_be_in_viewport(ratio=1)


def test_a_file_that_is_refused_for_good_can_be_taken_away_and_one_that_was_not_taken_in_tried_again(page):
    greeted(page)
    choose(page, ("photo.png", "image/png", b"<svg onload='alert(1)'/>"))
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".item.user")).to_have_count(0)
    page.route("**/api/attachments?*", lambda route: route.fulfill(status=429, json={"error": {"message": "Wait."}}))
    choose(page, ("IMG 1.JPG", "image/jpeg", phone_picture()))
    expect(page.locator(".item.user .problem")).to_contain_text("Wait.")
    page.unroute("**/api/attachments?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".item.user .file")).to_contain_text("IMG 1.jpg")


def test_the_button_that_chooses_files_looks_like_the_others(page):
    greeted(page)
    page.get_by_role("button", name="Write to the team").first.click()
    look = "one => getComputedStyle(one, '::file-selector-button').borderRadius"
    assert page.get_by_label("Pictures or PDF").evaluate(look) == "12px"


def test_the_form_sends_files_along(page, services):
    greeted(page)
    page.get_by_role("button", name="Write to the team").first.click()
    page.get_by_label("Your e-mail address").fill("jane@example.com")
    page.get_by_label("What is it about?").fill("My name is wrong.")
    scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.get_by_label("Pictures or PDF").set_input_files([scan])
    page.get_by_role("button", name="Send to the team").click()
    expect(page.get_by_role("log")).to_contain_text("CRT-")
    (ticket,) = services.tickets.filed_by(["jane@example.com"])
    assert [file.name for file in services.attachments.of_tickets([ticket.reference])] == ["scan.pdf"]


def test_what_was_asked_before_a_file_still_stands_after_it(page, rasa):
    greeted(page)
    rasa.replies = [
        {
            "text": "Shall I send it?",
            "buttons": [{"title": "Send it", "payload": "/affirm"}],
            "utterance": "utter_ticket_summary",
        }
    ]
    ask(page, "the picture is broken")
    expect(page.get_by_role("button", name="Send it")).to_be_visible()
    choose(page, ("IMG 1.JPG", "image/jpeg", phone_picture()))
    expect(page.get_by_role("log")).to_contain_text("kept for the certification team")
    expect(page.get_by_role("button", name="Send it")).to_be_visible()


PASTE = """([field, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from([37, 80, 68, 70])], name, {type: "application/pdf"}));
  const init = { clipboardData: data, bubbles: true, cancelable: true, composed: true };
  field.dispatchEvent(new ClipboardEvent("paste", init));
}"""


def test_what_is_pasted_into_the_form_goes_with_the_form(page, services):
    greeted(page)
    page.get_by_role("button", name="Write to the team").first.click()
    about = page.get_by_label("What is it about?")
    for name in ("one.pdf", "two.pdf"):
        page.evaluate(PASTE, [about.element_handle(), name])
    chosen = page.get_by_label("Pictures or PDF")
    assert chosen.evaluate("(one) => [...one.files].map(({ name }) => name)") == ["one.pdf", "two.pdf"]
    expect(page.locator(".item.user")).to_have_count(0)
    page.evaluate(PASTE, [page.get_by_role("log").element_handle(), "three.pdf"])
    expect(page.locator(".item.user")).to_contain_text("three.pdf")


def test_the_form_takes_what_was_not_sent_but_no_names_of_files(page):
    greeted(page)
    page.context.set_offline(True)
    ask(page, "my badge is broken")
    choose(page, ("IMG 1.JPG", "image/jpeg", phone_picture()))
    expect(page.locator(".item.user .problem")).to_have_count(2)
    page.get_by_role("button", name="Write to the team").first.click()
    expect(page.get_by_label("What is it about?")).to_have_value("my badge is broken")
