"""What families hear and read when the house does not answer the carrier: the emergency sentences and the operator.

The same documents serve twice: as the house's own answer when its store refuses, and as static files that lie on
another machine for the carrier's fallback addresses, where nothing of ours runs. Deliberately not here: the sentences
(rules/advice.yaml).
"""

from __future__ import annotations

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from oncall.adapters.telephony.twiml import VOICES
from oncall.core.case.wording import spoken_number
from oncall.core.emergency_numbers import dialable
from oncall.core.people import Hospital
from oncall.core.triage.advice import SPOKEN, Advice

RING_SECONDS = 60  # an operator may be on another call; after it there is nobody left to try


def voice_document(advice: Advice, hospital: Hospital, caller_id: str | None = None) -> str:
    """Say the emergency number in every language, then dial the operator. Raises NeverDialled.

    Without `caller_id` the operator sees the family's own number, which nobody else has taken down.
    """
    number = spoken_number(hospital.emergency_number)
    response = VoiceResponse()
    for tongue in SPOKEN:
        response.say(advice.say("voice_store_refused", tongue, emergency_spoken=number), language=VOICES[tongue])
    response.dial(dialable(hospital.operator), caller_id=caller_id, timeout=RING_SECONDS)
    return str(response)


def text_document(advice: Advice, hospital: Hospital) -> str:
    """One text in each language; the operator is a number to call. Raises NeverDialled."""
    blanks = {"emergency": hospital.emergency_number, "operator": dialable(hospital.operator)}
    response = MessagingResponse()
    for tongue in SPOKEN:
        response.message(advice.say("text_store_refused", tongue, **blanks))
    return str(response)


def fallback_files(advice: Advice, hospital: Hospital) -> dict[str, str]:
    """The files of `oncall fallback` by name. Raises NeverDialled."""
    return {
        "voice.xml": voice_document(advice, hospital) + "\n",
        "text.xml": text_document(advice, hospital) + "\n",
        "README.txt": _README.format(line=hospital.line, operator=hospital.operator, host=hospital.public_url),
    }


_README = """\
What families hear and read when the pump line's own machine does not answer.

voice.xml   says the emergency number in English and Spanish, then dials {operator}
text.xml    answers a text with the emergency number and {operator}, in English and Spanish

Put both where they are served without {host}: a TwiML Bin of the carrier (paste the content), or a web
server that is not the pump line's. Then, in the carrier's console, for the number {line}:

  Voice      "Primary handler fails"   the address of voice.xml, HTTP GET
  Messaging  "Primary handler fails"   the address of text.xml, HTTP GET

Write them anew with `oncall fallback` whenever the operator's number or the signed sentences change;
`oncall preflight` reads what the number points to and says whether it is these files.
"""
