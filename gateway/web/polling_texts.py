"""What the polling app says by itself, by name: its page carries them in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.web.pages import N_

TEXTS: Final[Mapping[str, str]] = {
    "app": N_("Baraza interviews"),
    "no_script": N_("This page needs JavaScript."),
    "page_language": N_("Language of this page"),
    "no_crypto": N_("This browser can't seal what people say. Open this page over https, in a newer browser."),
    # How it stands
    "unsent": N_("Unsent: {count}"),
    "sent_all": N_("Nothing is unsent"),
    "state_sending": N_("sending"),
    "state_offline": N_("no network"),
    "state_signin": N_("sign in to send"),
    "state_refused": N_("your account may not do this any more"),
    "state_busy": N_("the gateway does not answer, it is tried again"),
    "state_large": N_("one is too large to send, save it to a file"),
    "sign_in": N_("Sign in"),
    "storage_kept": N_("This browser has promised to keep what lies here."),
    "storage_loose": N_("This browser may delete what lies here when space is short. Install the app, and send soon."),
    "update_ready": N_("A new version of the app is here."),
    "update_now": N_("Take it up"),
    # The passphrase
    "choose_title": N_("Choose a passphrase"),
    "choose_lead": N_(
        "It seals on this phone what people tell you, and is kept nowhere: nobody can give it back to you. "
        "Four words that don't belong together are good."
    ),
    "choose_button": N_("Begin"),
    "passphrase": N_("Passphrase"),
    "passphrase_again": N_("The same again"),
    "too_short": N_("Take {count} characters or more."),
    "unlike": N_("The two are not the same."),
    "unlock_title": N_("Unlock"),
    "unlock_button": N_("Unlock"),
    "wrong_passphrase": N_("This is not the passphrase."),
    "forgot": N_("The passphrase is lost"),
    "forgot_lead": N_(
        "Interviews in progress are lost with it. Finished ones are not: they are sealed to the gateway, stay here, "
        "and can be sent or saved."
    ),
    "start_over": N_("Start over"),
    "start_over_sure": N_("Start over, and lose interviews in progress"),
    "lock": N_("Lock"),
    # The first page
    "polls_title": N_("Polls"),
    "home": N_("Polls"),
    "no_polls": N_("There is no open poll here that you may ask."),
    "fetch": N_("Fetch polls"),
    "fetched": N_("Fetched {when}"),
    "begin": N_("Begin an interview"),
    "interview_language": N_("Language of the interview"),
    "going_title": N_("In progress"),
    "go_on": N_("Go on"),
    "discard": N_("Discard"),
    "discard_sure": N_("Discard it for good"),
    # An interview
    "read_aloud": N_("Read this aloud. Ask nothing before they agree."),
    "question_n": N_("Question {number}"),
    "next": N_("Next"),
    "skip": N_("They skip this question"),
    "back": N_("One back"),
    "pause": N_("Pause"),
    "leave": N_("Break off"),
    "leave_sure": N_("Break off for good"),
    "stuck": N_("This interview can't go on in this version of the app. Break it off: what was said is kept."),
    "finish_title": N_("The interview is over"),
    "finish": N_("Finish"),
    "number_label": N_("Number to call, if they want to give it"),
    "number_hint": N_("They agreed to be called. It is kept apart from the answers."),
    # Fields
    "choose_some": N_("Choose one or more."),
    "at_most": N_("Choose {count} at most."),
    "in_order": N_("Press them in their order, the first one first."),
    "rank_all": N_("Press {count} of them."),
    "rank_again": N_("Order anew"),
    "number_range": N_("A number from {low} to {high}"),
    "number_any": N_("A number"),
    "own_words": N_("In their own words"),
    "write_answer": N_("Write the answer."),
    "day": N_("Day"),
    "month": N_("Month"),
    "year": N_("Year"),
    "no_such_day": N_("There is no such date."),
    "date_range": N_("A date between {low} and {high}."),
    "find_place": N_("Write a part of the name"),
    "no_place": N_("No place here is named so."),
    "no_actor": N_("Nobody here is called so."),
    "left_out": N_("{count} places are not on this phone."),
    # What is unsent
    "queue_title": N_("Unsent interviews"),
    "queue_lead": N_("Each is sealed, and only the gateway can open it. It leaves this phone when the gateway has it."),
    "kept_lead": N_("The interview is sealed. It is sent when there is a network."),
    "send_now": N_("Send now"),
    "save_file": N_("Save to a file"),
    "saved_note": N_("in a file too"),
    "sealed_line": N_("An interview"),
    "aside_note": N_("{count} were put aside by the gateway. Nothing is lost: tell its operator."),
    "clear": N_("Remove everything from this phone"),
    "clear_lead": N_("What is unsent must be sent or saved to a file before."),
    "clear_sure": N_("Remove it now"),
}
