"""The short label of every field of every fact, for timelines and mail.

A field's description in its fact is made for the command line's help; this is what stands before its value.
"""

from domain.vocabulary import N_

FIELDS = {
    "unit": N_("Unit"),
    "systems": N_("Systems"),
    "description": N_("Description"),
    "referred_to_servicedesk": N_("Asked to call 30 000"),
    "to": N_("Passed on to"),
    "scope": N_("Scope"),
    "areas": N_("Product areas"),
    "cause": N_("Cause"),
    "summary": N_("Summary"),
    "reason": N_("Reason"),
    "outcome": N_("Outcome"),
    "channel": N_("Channel"),
    "reference": N_("Case number"),
    "count": N_("Number of callers"),
    "advice": N_("Advice"),
    "kind": N_("Kind of help"),
    "by": N_("Done by"),
    "text": N_("Text"),
    "channels": N_("Shown on"),
    "links": N_("Links"),
    "reserve_routine_applies": N_("Reserve routine applies"),
    "restored_by": N_("Expected back"),
    "source": N_("Source"),
    "message": N_("Message"),
    "until": N_("Until"),
    "serial": N_("Serial number"),
    "via": N_("Came by"),
    "acute": N_("Acute"),
    "area": N_("Product area"),
    "explanation": N_("Explanation"),
    "entry": N_("Corrected entry"),
    "occurred_at": N_("Really happened"),
    "fields": N_("Right values"),
    "verdict": N_("Conclusion"),
    "findings": N_("Findings"),
    "duty": N_("Duty"),
    "due_at": N_("Was due"),
}
