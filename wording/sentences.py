"""One sentence for every "no", and a few words for every flag."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal, Unavailable
from domain.texts import N_
from domain.vocabulary import SWEDEN, Flag, Function, System, Word
from wording.facts import about
from wording.times import clock, to_the_second
from wording.words import Words

if TYPE_CHECKING:
    from domain.incident import Irregularity

SENTENCES = {
    # invalid
    "future": N_("{occurred_at} has not been yet: {hint}"),
    "time": N_("“{text}” is no time: write 14:05, yesterday 22:10, -20m, +2h or 2026-03-02T08:05."),
    "time-repeated": N_("The clock shows {text} twice that night: write {first} or {second}."),
    "time-skipped": N_("The clock skips {text} that night: write {first} or {second}, whichever it was."),
    "began-after-detected": N_("It can't have begun after it was detected: {hint}"),
    "subscribe-domain": N_("Addresses at {domains} can subscribe."),
    "pause-until": N_("A pause ends within a year, at a moment that is still to come."),
    "no-home": N_("You have no home folder here: say where the log is, RESERVRUTIN_DATABASE_URL=sqlite:///FILE."),
    "given-twice": N_("{option} may be given once, and was given twice: what was meant? Nothing was done."),
    "says-nothing": N_("{option} says nothing: write at least one letter or digit."),
    "not-text": N_("The text is not written in UTF-8: check the terminal's character set."),
    "yes-or-no": N_("“{text}” is neither yes nor no."),
    "opens-nothing": N_("{fact} opens no incident: leave --incident new out."),
    "not-shown": N_("The answer could not be shown ({problem}); what was to be written is written."),
    "sentence": N_("{text}"),
    "field": N_("{option}: {problem}"),
    "option-missing": N_("{option} is missing: write {values}."),
    "text-missing": N_("{option} is missing: {what}."),
    "no-such-value": N_("{option} can't be “{value}”: write {values}."),
    "unquoted": N_("“{word}” belongs to no option. A text with spaces has quotes around it: {option} {text}."),
    "unquoted-or-several": N_(
        "“{word}” belongs to no option. Several are written one by one: {several}. A text with spaces has quotes "
        "around it: {option} {text}."
    ),
    "too-much": N_("“{word}” is too much here: see --help."),
    "no-such-command": N_("There is no command “{name}”: see reservrutin help."),
    "no-such-command-but": N_("There is no command “{name}”: did you mean {command}?"),
    "a-fact": N_("There is no command “{name}”: {fact} is written down with reservrutin record."),
    "several-facts": N_("“{text}” can be several: write {candidates}."),
    "no-such-fact": N_("No fact is called “{text}”: reservrutin record alone lists them."),
    "no-such-fact-but": N_("No fact is called “{text}”: did you mean {candidates}?"),
    "routine": N_("{path} is no routine: line {line}, {problem}."),
    "routine-file-missing": N_("There is no routine file {path}: check its name."),
    "routine-file-folder": N_("{path} is a folder: give the routine file in it."),
    "routine-file-text": N_("The routine file {path} is not written in UTF-8: save it as text in UTF-8."),
    "routine-file": N_("The routine file {path} can't be read: check that you may read it."),
    "too-long": N_("{option}: at most {count} characters."),
    "unknown-field": N_("{fact} has no field {field}: write {fields}."),
    "pair": N_("“{text}” is no correction: write --set FIELD=VALUE."),
    "invalid-correction": N_("The corrected values do not fit {fact}: see its --help."),
    "incident-number": N_("“{text}” is no incident number: it looks like 2026-0007."),
    "several-open": N_("Several incidents are open: say which with --incident. {incidents}."),
    "suspected-open": N_(
        "An incident is suspected already: {incidents}. If this is the same: {same}. "
        "If it is another: {command} --incident new."
    ),
    "unknown-setting-in-file": N_("There is no setting {name} ({path}, line {line}): {hint}"),
    "unknown-setting-variable": N_("There is no setting {name}: {hint}"),
    "setting-in-file": N_("{name} in {path}, line {line}, can't be “{value}”: {right}."),
    "setting-variable": N_("{variable} can't be “{value}”: {right}."),
    "secret-in-file": N_("{name} in {path}, line {line}, is wrong: {right}."),
    "secret-variable": N_("{variable} is wrong: {right}."),
    "settings-file": N_("The settings can't be read from {path}: {problem}."),
    "settings-text": N_("{path} is not written in UTF-8: save it as text in UTF-8."),
    "settings-toml": N_('{path}, line {line}, can\'t be read: a setting is written name = "value", once.'),
    "database-url": N_(
        "The log's database can't be {url}: write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."
    ),
    "needs-postgresql": N_(
        "Only a log on PostgreSQL is set up: give RESERVRUTIN_DATABASE_URL as an administrator, "
        "postgresql+psycopg://postgres@HOST/DATABASE."
    ),
    "target-not-empty": N_("There is something at that address already: copy into an empty log."),
    "no-driver": N_("PostgreSQL needs its driver: install reservrutin[postgresql]."),
    "no-demo": N_("The demo needs a mail server and a web server of its own: install reservrutin[demo]."),
    "no-web-server": N_("The pages need a web server of their own: install reservrutin[web]."),
    "web-listen": N_("reservrutin web can't listen on {place} ({problem}): name another place with --listen."),
    "web-listen-form": N_(
        "--listen takes HOST:PORT or unix:/PATH, like 127.0.0.1:8020 or unix:/run/reservrutin/web.sock."
    ),
    "staff-listen": N_(
        "Staff's page answers on this machine alone: write --listen 127.0.0.1:PORT or unix:/PATH, and put a proxy with "
        "the region's login in front."
    ),
    "smtp-password": N_(
        "The mail server wants a password for {username}: set RESERVRUTIN_SMTP_PASSWORD_FILE to a file with it alone."
    ),
    "smtp-user": N_("A password goes with a user: write smtp://USER@HOST:587 in RESERVRUTIN_SMTP_URL."),
    "smtp-password-file": N_("The mail server's password can't be read from {path}: check that you may read it."),
    "smtp-ca-file": N_("There is no file of certificates {path}: check RESERVRUTIN_SMTP_CA_FILE."),
    "mail-address": N_("No mail can be sent to that address: check it with reservrutin subscriber list."),
    "mail-server": N_("The mail server does not answer ({reply}): the mail waits."),
    "not-for-the-public": N_("{fact} is nothing that prescribers are told of."),
    "no-mail-server": N_("No mail server is set: give RESERVRUTIN_SMTP_URL, for example smtp://localhost:25."),
    "address": N_("“{address}” is no mail address that mail can be sent to."),
    "unknown-role": N_(
        "The setting role can't be “{value}”, which the routine does not know: choose one of {known}; reservrutin "
        "settings says where it stands."
    ),
    "unknown-word": N_("“{value}” is not known to the routine as {option}: choose one of {known}."),
    "clock-is-no-person": N_("Nobody is registered as the clock or the log's owner: choose a function of people."),
    "act-then": N_("Nothing can be tried again or given up in the past: leave out --at."),
    "retry-or-give-up": N_("A delivery is either tried again or given up: leave one of the two out."),
    "give-up-alone": N_("A delivery is given up by its id alone: leave the incident and --state out."),
    "not-to-be-retried": N_(
        "{option} can't be “{value}”: write a delivery's id, an incident with its year, or one of {values}."
    ),
    "one-or-all": N_("Say which incident to export, or give --all for the whole log."),
    "one-at-a-time": N_("{format} is made of one incident at a time: give its number, or choose one of {known}."),
    "only-in-a-diary": N_("--reference stands in a diary alone: leave it out, or choose --format {format}."),
    "two-on-stdout": N_("The export and the JSON answer can't share stdout: leave --json out, or give -o a file."),
    "file-exists": N_("{path} exists already: choose another name, or give --force to replace it."),
    "is-a-folder": N_("{path} is a folder: give -o the name of a file in it."),
    "no-file": N_("{path} can't be written ({problem}): choose another place with -o."),
    "written-as-of": N_(
        "--written goes by when things were recorded: limit it with --known-at or --to-entry, not with --as-of."
    ),
    "no-wall": N_("--watch draws in a terminal: leave it out in a pipe, and with --json."),
    "no-screen": N_("The desk draws in a terminal: in a pipe, and for programs, there are record, board and due."),
    "no-terminal": N_("--interactive draws in a terminal: leave it out where there is none, and with --json."),
    "empty-login": N_("A login is needed: the name the person logs in with."),
    "health-file": N_("The health file {path} can't be written: {problem}"),
    "not-reloaded": N_("SIGHUP changes nothing: settings are read when a worker begins, so restart it."),
    "wishes-failed": N_("What readers have asked for could not be done ({error}): it is tried again."),
    "letters-held": N_(
        "The mail server takes no letter to those who subscribe or move ({reply}). They wait, for two days at most: "
        "see reservrutin doctor."
    ),
    "no-web-url": N_(
        "Nobody has said where readers reach reservrutin web: give web_url. Letters with a link wait for it."
    ),
    "publish-failed": N_("The pages could not be written ({error}): reservrutin publish says more."),
    "seal-failed": N_("The ledger could not be sealed ({error}): reservrutin verify says more."),
    "checkpoint-failed": N_("No checkpoint could be signed ({error}): reservrutin checkpoint says more."),
    "publish-folder": N_("The pages can't be written into {path}: {problem}"),
    "publish-others-page": N_(
        "{path} is a page that was not written by reservrutin, and is left alone: name another folder, or move it away."
    ),
    "metrics-address": N_("--metrics takes [HOST:]PORT, not {given}."),
    "metrics-taken": N_("--metrics can't listen on {address}: {problem}"),
    # not found
    "incident": N_("There is no incident {incident}: see reservrutin board."),
    "no-open-incident": N_("No incident is open: open one with reservrutin record outage-detected."),
    "no-incident": N_("There is no incident yet: the first one opens with reservrutin record outage-detected."),
    "subscriber": N_("There is no subscriber {subscriber}: see reservrutin subscriber list."),
    "delivery": N_("There is no delivery {delivery}: see reservrutin deliveries."),
    "delivery-elsewhere": N_("Delivery {delivery} is not among the others that you name: give its id alone."),
    "nothing-to-retry": N_(
        "Nothing of what you name waits or was refused: see reservrutin deliveries --state refused."
    ),
    "not-known-then": N_("Nothing was known of {incident} {time}."),
    "bundle": N_("There is no bundle {path}: give the zip, or the folder it was unpacked in."),
    "bounces": N_("No reports can be read from {path}: give a file or a Maildir folder."),
    "login": N_("{login} is not registered: see reservrutin staff list."),
    "entry": N_("There is no entry {entry} in {incident}: see reservrutin log {incident}."),
    # not authorised
    "function": N_("{function} may not record {fact}: only {may} may. If that is you, add {as_one}."),
    "only-who-publishes": N_(
        "Only {may} publishes operating information ({rule}): "
        "ask for it with reservrutin record operating-information-requested --text … "
        "If that is you, add {as_one}."
    ),
    "not-in-routine": N_("The routine {routine} does not know {fact}: see reservrutin routine show."),
    "login-not-registered": N_("{login} is not registered as staff: ask your administrator for reservrutin staff add."),
    "administrator": N_("Only the owner of the log's file changes who may record: ask your administrator."),
    "clock": N_("Nobody acts as the clock: the worker records by itself when a time runs out."),
    "keeps-no-subscribers": N_(
        "Only {may}, or the log's owner, may change who is told: you are registered as {roles}."
    ),
    "keeps-no-deliveries": N_(
        "Only {may}, or the log's owner, may decide what becomes of mail: you are registered as {roles}."
    ),
    "not-your-function": N_("You are not registered as {function}: you may act as {may}."),
    # not admitted
    "unknown-entry": N_("There is no entry {entry} to correct: see reservrutin log."),
    "already-withdrawn": N_("Entry {entry} is withdrawn already, by entry {by}: nothing was added."),
    "withdrawn-beginning": N_(
        "Without entry {entry} the incident has no beginning: if all of it was a mistake, record incident-voided."
    ),
    "correction-of-withdrawal": N_(
        "Entry {withdrawal} withdraws entry {entry}: if that was wrong, record entry-withdrawn --entry {withdrawal}."
    ),
    "incident-is-voided": N_(
        "The incident is voided: name the right one with --incident, or withdraw the voiding with entry-withdrawn."
    ),
    "voided-as-another": N_(
        "The incident is voided, it is the same as {same_as}: record it with --incident {same_as}."
    ),
    "already-voided": N_("The incident is voided already: nothing was added."),
    "paper-would-be-lost": N_(
        "These referrals would be lost with the incident: {serials}. "
        "Move each to its own with entry-withdrawn --moved-to first."
    ),
    "the-same-incident": N_("{incident} is the incident itself: name another."),
    "not-moved": N_("Entry {entry} belongs to its own incident alone: withdraw it without --moved-to."),
    "correction-of-correction": N_("Entry {correction} is itself a correction: correct entry {entry} again instead."),
    "already-closed": N_("The incident is closed already: nothing was added."),
    "incident-is-closed": N_("The incident is closed: reopen it first with reservrutin record incident-reopened."),
    "duplicate-serial": N_("Referral {serial} is received already: check the number, or leave it as it is."),
    "already-balanced": N_("Referral {serial} is entered or set aside already: nothing was added."),
    "unknown-referral": N_(
        "Referral {serial} was never received: record referral-received first, or check the number."
    ),
    "system-is-down": N_(
        "A referral can't have been entered while {system} is down ({rule}): record service-restored first."
    ),
    "already-active": N_("The reserve routine is active already: nothing was added."),
    "not-active": N_("The reserve routine is not active: there is nothing to deactivate."),
    "not-closed": N_("The incident is not closed: it needs no reopening."),
    "outstanding-referrals": N_(
        "Referrals are still neither entered nor set aside: {serials}. Record referral-entered or referral-set-aside."
    ),
    "deferral-already-passed": N_("The activation can't be deferred to a time that has passed: check --until."),
    "reserve-routine-does-not-apply": N_(
        "The reserve routine does not apply just now, so nobody is to be told that it does ({rule}): "
        "leave that out, or explain it with --deviation."
    ),
    "activation-without-outage": N_(
        "Nothing was down {occurred_at}, so there was nothing to activate: "
        "write another time with --at, or explain it with --deviation."
    ),
    "activation-out-of-scope": N_(
        "This outage does not start the reserve routine ({rule}): explain it with --deviation."
    ),
    "activation-before-instruction": N_(
        "In this scope an instruction is awaited ({rule}): record instruction-received first, "
        "or explain it with --deviation."
    ),
    "activation-too-early": N_(
        "Activation is not allowed until {allowed_at} ({rule}): wait, or explain why with --deviation."
    ),
    "deferral-without-prognosis": N_(
        "Without a prognosis in force nothing can be deferred ({rule}): explain it with --deviation."
    ),
    "deactivation-while-down": N_(
        "The outage still goes on ({rule}): explain with --deviation why the routine ends now."
    ),
    "closing-while-down": N_(
        "The outage still goes on: record service-restored first, or explain it with --deviation."
    ),
    "closing-while-active": N_(
        "The reserve routine is still active: record reserve-routine-deactivated first, or explain it with --deviation."
    ),
    "version-taken": N_("{routine} {version} exists already with another content: give the document a new version."),
    "command-id-taken": N_("The command id was used for something else ({incident}, entry {entry}): choose a new one."),
    "year-is-full": N_("{year} has no incident numbers left."),
    "already-subscribed": N_("{address} already subscribes for that audience."),
    "delivery-sent": N_("Delivery {delivery} was accepted by the mail server already: nothing was changed."),
    "delivery-sending": N_("Delivery {delivery} is being sent just now: look again in a few minutes."),
    "delivery-refused": N_("Delivery {delivery} was refused and does not wait: there is nothing to give up."),
    "delivery-expired": N_("Delivery {delivery} is too old to send: nothing was changed."),
    "delivery-superseded": N_("Delivery {delivery} is not to be sent any more: nothing was changed."),
    "delivery-replaced": N_(
        "Delivery {delivery} was replaced by entry {replaced_by}: the newer notice is the one to send."
    ),
    "delivery-without-reader": N_(
        "{subscriber} receives no mail just now: resume the subscriber first with reservrutin subscriber resume."
    ),
    "away": N_(
        "The log does not answer ({problem}). What the mail server has answered is kept, and written down when the log "
        "is back."
    ),
    "back": N_("The log answers again."),
    "clock-leapt": N_(
        "This machine's clock has leapt ahead: no deadline is written down until it is put back, or has kept pace for "
        "{minutes} minutes. Check the clock."
    ),
    "clock-steady": N_("The clock keeps pace again, and deadlines are written down."),
    "far-ahead": N_(
        "Mail waited for a moment further ahead than any wait is ({count}): a clock had been wrong. It is tried now."
    ),
    "web-certificate": N_("{door} shows a certificate that is not to be trusted."),
    "web-tls": N_("{door} offers no encrypted line."),
    "web-silent": N_("{door} does not answer within three seconds."),
    "web-away": N_("{door} can't be reached."),
    "web-unwell": N_("{door} answers that it can't do its work."),
    "web-other": N_("{door} answers, but not as reservrutin web does."),
    "web-left-out": N_("{problem} Until it answers mail goes out without links there; its way out by e-mail is kept."),
    "web-back": N_("{door} answers again: mail has its links."),
    "mail-policy": N_(
        "The mail server refuses our mail as a matter of policy ({reply}): ask whoever runs the mail server."
    ),
    "mail-held": N_(
        "The mail server refuses our mail ({reply}), and not because of its readers. It waits and is tried again: "
        "ask whoever runs the mail server."
    ),
    "not-answered": N_("{subscriber} has left, but could not be told so: the mail server did not take the answer."),
    "suspended": N_(
        "{subscriber} is suspended, because the address refuses our mail: check it with reservrutin subscriber list."
    ),
    # evidence
    "log-origin": N_("“{name}” can't name a log: no space and no +, for example driftlogg.example.se/sesam."),
    "verifier-key": N_("“{text}” is no public key: write it as keys show prints it."),
    "checkpoint": N_("That is no checkpoint: origin, size, root, an empty line and signatures."),
    "witness-file": N_("{path} can't be read: {problem}."),
    "no-witness": N_("{path} holds no checkpoint: give a checkpoint's note, or a mail that was saved whole."),
    "key-file": N_("The key can't be read or written at {path}: {problem}."),
    "key-exists": N_("{path} is there already: a key is never written over, choose another file."),
    "key-open-to-others": N_("Others than its owner can read the key {path}: chmod 600 it, and think of a new key."),
    "key-memory": N_(
        "What the key has signed can't be remembered in {path} ({problem}): nothing was signed, "
        "make its folder writable."
    ),
    "no-key-file": N_("Say where the key is to lie: reservrutin keys create FILE."),
    "nothing-to-sign": N_("The log is empty: there is nothing to sign for yet."),
    "no-signing-key": N_("No signing key is set: reservrutin keys create, then set RESERVRUTIN_SIGNING_KEY_FILE."),
    "shorter-than-signed": N_(
        "The log reaches position {facts}, but {signed} has been signed for: an older copy was put back, "
        "or facts are gone."
    ),
    "other-than-signed": N_("The first {signed} facts are not those that have been signed for."),
    "tree-unreadable": N_("The tree over the facts can't be read: reservrutin verify says more."),
    "tree-does-not-fit": N_("The tree over the facts is not the facts' own: reservrutin verify says more."),
    "checkpoint-columns": N_("Checkpoint {size} says something else in its note than beside it."),
    "checkpoint-frontier": N_("What checkpoint {size} is to be extended from does not give its root."),
    "checkpoint-forged": N_("The signature on checkpoint {size} does not hold."),
    "checkpoint-note": N_("Checkpoint {size} can't be read."),
    "checkpoint-unsigned": N_("Checkpoint {size} is not signed by any key that is known here."),
    "missing": N_("Facts are missing, up to position {until}."),
    "not-in-the-tree": N_("The fact was not written by this program: it is no leaf of the tree."),
    "bytes-changed": N_("The fact's bytes are not those that were written, or its leaf is not."),
    "entry-out-of-order": N_("{incident} has entry {entry} where entry {expected} was to come."),
    "position-unreadable": N_("A fact stands at a position that is none ({stands})."),
    "unreadable": N_("The fact's bytes can't be read."),
    "undecodable": N_("The fact can't be read as one ({problem})."),
    "incident-unjudged": N_(
        "The incident that begins here can't be judged, something in its routine is wrong: {problem}"
    ),
    "routine-unreadable": N_("An adopted routine can't be read any more ({problem}): reservrutin verify says more."),
    "unlike-ours": N_(
        "The table {table} is so unlike what this program writes that the rest of it was not looked at ({problem})."
    ),
    "not-canonical": N_("The fact's bytes are not written as this program writes them."),
    "column-differs": N_("The column {column} says something else than the fact's bytes."),
    "command-twice": N_("The same command has written twice."),
    "beyond-the-tree": N_("The facts from here to position {until} are not in the tree."),
    "stray-leaves": N_("The tree has leaves of facts that are not there ({count})."),
    "other-than-witnessed": N_(
        "Something between positions {first} and {until} is not what was signed for then; which of them can't be told."
    ),
    "other-than-witness": N_(
        "Something between positions {first} and {until} is not what {name} saw; which of them can't be told."
    ),
    "witness-beyond-a-gap": N_("Whether the log extends what {name} saw can't be told: facts are missing before."),
    "mail-unknown": N_(
        "{name} is by its Message-ID the mail to {subscriber} of entry {entry} in {incident}, and the ledger has no "
        "such delivery."
    ),
    "mail-to-another": N_("{name} is delivery {id}, but went to another address than that of {subscriber}."),
    "mail-not-sent": N_("{name} is delivery {id}, and by the ledger no attempt to send that was ever accepted."),
    "mail-at-another-time": N_(
        "{name} is delivery {id}, but its Date is {dated}, and by the ledger it was sent at another time, last "
        "{sent_at}."
    ),
    "witness-forged": N_("{name} bears a known key's signature that does not hold: it is not what we sent."),
    "signed-twice": N_(
        "{name} and {other} contradict each other, and the key of {log} has signed both: it has signed two different "
        "logs."
    ),
    "kept-otherwise": N_(
        "Checkpoints {size} and {other} contradict each other, and the key of {log} has signed both: it has signed two "
        "different logs."
    ),
    "signed-otherwise": N_(
        "{name} contradicts what the log says at position {size}, and the key of {log} has signed both: it has signed "
        "two different logs."
    ),
    "tracking-ahead": N_("The read model {projection} claims to have read facts that are not there."),
    "tracking-stuck": N_("The read model {projection} says that it is stuck, and is not."),
    "board-differs": N_("The board's row of {incident} is not what the facts make it."),
    "snapshot-differs": N_("The snapshot of {incident} is not what the facts make it."),
    "staff-differs": N_("In the register {person} may act as {roles}; by the log as {told}."),
    "staff-missing": N_("{person} is gone from the register; by the log they are in it, as {told}."),
    "subscriber-differs": N_("{subscriber} does not stand in the register as the log's last word of them says."),
    "subscriber-missing": N_("{subscriber} is gone from the register; by the log they are in it."),
    "delivery-of-no-fact": N_("Delivery {id} is not of the fact that it names."),
    "delivery-of-nobody": N_("Delivery {id} is to nobody who is registered in that audience."),
    "delivery-unplanned": N_("Delivery {id} is of a fact that nobody has planned for yet."),
    "delivery-state": N_("Delivery {id} can't be in the state that it is in."),
    "delivery-not-sent": N_("Delivery {id} is said to be sent at a moment when no attempt was accepted."),
    "delivery-otherwise-tried": N_("Delivery {id} is said to have ended otherwise than its attempts say."),
    "delivery-message-id": N_("Delivery {id} has a Message-ID that is not its own."),
    "attempt-of-nothing": N_("Attempt {id} is of no delivery, or ended as none can."),
    "sealed-missing": N_("Of the rows that were sealed then, these are gone from {table}: {rows}."),
    "sealed-added": N_("Among the rows that were sealed then, these have been put into {table} since: {rows}."),
    "sealed-changed": N_(
        "Of the rows that were sealed then one or several are not what they were: deliveries {deliveries}, attempts "
        "{attempts}."
    ),
    "attempts-missing": N_("Attempts are missing among those that are not sealed yet: {rows}."),
    "sealed-without": N_(
        "Attempts were missing when the ledger was sealed: {rows}. A log that was moved from PostgreSQL may have lost "
        "such numbers there."
    ),
    "row-changed": N_("Row {row} of {table} is not as this program wrote it."),
    "row-without-checksum": N_(
        "Row {row} of {table} has no checksum: it was added, or changed before this program wrote to it again."
    ),
    "rows-missing": N_("Rows of {table} are gone ({count})."),
    "rows-added": N_("{table} has rows that this program did not write ({count})."),
    "rows-uncounted": N_("How many rows {table} is to have does not stand where it is kept."),
    "placed-after": N_(
        "Entry {entry} is said to have happened {happened_at}, after it was recorded, {recorded_at}: check the time."
    ),
    "clock-behind-newest": N_(
        "This computer's clock is {span} behind the log's newest entry: set it. What is written meanwhile seems to "
        "have been written earlier than it was."
    ),
    "clock-behind": N_(
        "This computer's clock is {span} behind the log's: set it. What is written gets the log's time."
    ),
    "clock-ahead": N_(
        "This computer's clock is {span} ahead of the log's: set it. What is written gets the log's time."
    ),
    "server-behind-newest": N_(
        "The database's clock is {span} behind the log's newest entry: have whoever runs it set it."
    ),
    "clock-set-back": N_(
        "It was recorded {recorded_at} by its clock, but written after position {after}, recorded {newest}: a clock "
        "was wrong."
    ),
    "clocks-set-back": N_(
        "{count} facts up to position {until}, the first recorded {recorded_at} by its clock, were written after "
        "position {after}, recorded {newest}: a clock was wrong."
    ),
    "entries-set-back": N_(
        "They were recorded from {recorded_at} by their clocks, but written after position {after}, recorded {newest}: "
        "a clock was wrong."
    ),
    "clock-before-mail": N_(
        "It was recorded {recorded_at} by its clock, but is not in what {mail} had seen {newest}, up to position "
        "{after}: a clock was wrong."
    ),
    "clocks-before-mail": N_(
        "{count} facts up to position {until}, the first recorded {recorded_at} by its clock, are not in what {mail} "
        "had seen {newest}, up to position {after}: a clock was wrong."
    ),
    "traces-left": N_(
        "It is erased, but the log's file still holds traces while others read it: stop the worker, then run VACUUM "
        "in sqlite3."
    ),
    # the rest
    "personal-data": N_(
        "{option} seems to hold a patient's number, which never enters the log: leave it out. If it is another number, "
        "write a telephone number 070-123 45 67, a time 08:05, a case number INC4711, a paper's number without a date."
    ),
    "personal-data-together": N_(
        "{option} and {other} seem to hold a patient's number between them, which never enters the log: leave it out. "
        "If they don't, write one of them in a note of its own."
    ),
    "routine-personal-data": N_(
        "{path}, line {line}, seems to hold a patient's number, which never enters the log: leave it out."
    ),
    "log-made": N_("There was no log yet: it is made now, {path}."),
    "no-log": N_(
        "There is no log yet at {path}: the first report begins it, "
        'reservrutin record disturbance-reported --unit "Ortopeden Lund", or reservrutin desk.'
    ),
    "log-is-a-folder": N_("{path} is a folder, and the log is a file: name it in RESERVRUTIN_DATABASE_URL."),
    "log-is-empty": N_(
        "{path} is empty and so no log: put the log back from a backup, or remove the file and begin a new one."
    ),
    "not-our-log": N_(
        "{path} is not a log of this program: point RESERVRUTIN_DATABASE_URL at the log, or put it back from a backup."
    ),
    "not-a-database": N_(
        "{path} is no log, or its beginning is damaged ({problem}): check RESERVRUTIN_DATABASE_URL, or restore it from "
        "a backup."
    ),
    "no-folder": N_("{path} is no folder, so there can be no log in it: check RESERVRUTIN_DATABASE_URL."),
    "log-not-opened": N_("The log {path} can't be opened ({problem}): have its owner let you read it."),
    "log-not-made": N_(
        "No log can be made at {path} ({problem}): check RESERVRUTIN_DATABASE_URL, or have the folder opened."
    ),
    "beside-read-only": N_(
        "{path}, beside the log, is another user's and may not be written here: nothing was written. Have root give it "
        "the owner and the mode of the log."
    ),
    "log-read-only": N_(
        "The log may only be read here ({problem}): nothing was written. Write as its owner, or where it lies."
    ),
    "no-room": N_("The log's disk takes nothing more ({problem}): nothing was written, make room and type it again."),
    "database-login": N_(
        "The database does not let us in ({problem}): check the user and the password in RESERVRUTIN_DATABASE_URL."
    ),
    "no-such-database": N_(
        "The server has no such database ({problem}): check RESERVRUTIN_DATABASE_URL, or make it with "
        "reservrutin database init."
    ),
    "database-certificate": N_(
        "The database's certificate is not accepted ({problem}): check sslmode and sslrootcert in "
        "RESERVRUTIN_DATABASE_URL."
    ),
    "other-tables": N_(
        "The log's tables are not those of this program ({problem}): somebody has changed them, restore it "
        "from a backup."
    ),
    "fact-unreadable": N_(
        "The fact at position {position} can't be read ({problem}): reservrutin verify says more, restore the log from "
        "a backup."
    ),
    "not-whole": N_(
        "The log is not as it was written ({problem}): reservrutin verify says where, restore it from a backup."
    ),
    "write-ahead-log": N_(
        "What was written last may be missing: it stands in a file beside the log that can't be read from here."
    ),
    "standby": N_("Read from a standby, which may lack what was written last."),
    "logins-unseen": N_("This database role sees no logins: what is yours to do is not shown."),
    "addresses-unseen": N_("This database role sees no logins and no addresses: they are left out."),
    "bundle-unsigned": N_(
        "The log's key is not at hand here, so the bundle's manifest is not signed: nobody can tell from it that it is "
        "whole. Export it where the key is."
    ),
    "not-signed": N_("The log may only be read here: it was not signed for anew."),
    "database-check": N_("The database's own check: {problem}"),
    "log-gone": N_("The log's file {path} is gone: nothing was written. Put it back, and all goes on."),
    "too-many-wishes": N_("Too many have asked for something from here within the hour: try again later."),
    "database": N_("The log does not answer ({problem}): nothing was written, try again in a moment."),
    "unsettled": N_(
        "The log stopped answering ({problem}), and nobody can say whether it was written: look with reservrutin log, "
        "then try again."
    ),
    "unsettled-command": N_(
        "The log stopped answering ({problem}), and nobody can say whether it was written: type the same again with "
        "--command-id {command_id}, which never writes twice."
    ),
    "database-role-missing": N_("There is no role {role} on that server: reservrutin database init makes it."),
    "database-role": N_("This database role may not do that ({problem}): use the address of a role that may."),
    "not-written": N_("{path} could not be finished ({problem}): nothing is left of it; make room and try again."),
    "damaged": N_("The log can't be read ({problem}): nothing was written, restore it from a backup."),
    "not-as-asked": N_(
        "Between us and the server is a pooler, or an option of the address, that takes away what the log relies on "
        "({problem}): use the server's own address."
    ),
    "newer-schema": N_(
        "The log was made by a newer reservrutin (schema {found}, this one knows {known}): upgrade first."
    ),
    "older-schema": N_(
        "The log's schema is {found} and this reservrutin needs {known}: have its owner run reservrutin database init."
    ),
    "copied-otherwise": N_("The copy of {table} {row} is not the same: nothing was copied."),
    "unknown-fact": N_("The log holds a fact that this reservrutin does not know ({fact}): upgrade first."),
    "busy": N_("The log is busy: nothing was written, try again in a moment."),
    "unjudged": N_("{incident} can't be judged ({problem}): reservrutin log {incident} shows what is written."),
    "projection": N_("The read model {projection} stopped at position {position}: {problem}"),
}


def told(reason: str, words: Words, **data: Any) -> str:
    """The sentence for this reason, where nobody was refused anything."""
    return words.gettext(SENTENCES[reason]).format_map(_readable(data, words))


def sentence(refusal: Refusal, words: Words) -> str:
    """What is wrong and what to do instead, in one sentence."""
    text = told(_worded(refusal), words, **refusal.data)
    if refusal.data.get("entry") and refusal.reason in list(Flag):
        entries = refusal.data["entries"]
        then = words.ngettext(
            "Entry {entries} would then not hold. {why}", "Entries {entries} would then not hold. {why}", len(entries)
        )
        return then.format(entries=", ".join(map(str, entries)), why=text)
    return text


def unjudged(incident: str, error: Exception, words: Words) -> str:
    """Why one incident could not be judged; the others are all the same."""
    if isinstance(error, Refusal):
        return f"{incident}: {sentence(error, words)}"
    return told("unjudged", words, incident=incident, problem=f"{type(error).__name__}: {error}")


def is_its_own(error: Exception) -> bool:
    """Whether the trouble is one incident's, and not that the log does not answer at all."""
    return not isinstance(error, Unavailable)


def _worded(refusal: Refusal) -> str:
    """Which sentence: publishing is refused in words of its own, because there is something else to do, and a setting
    by where it stands."""
    if refusal.reason in ("setting", "unknown-setting"):
        kind = "secret" if refusal.reason == "setting" and "value" not in refusal.data else refusal.reason
        return f"{kind}-in-file" if "path" in refusal.data else f"{kind}-variable"
    if refusal.reason == "incident-is-voided" and refusal.data["same_as"]:
        return "voided-as-another"
    published = refusal.data.get("fact") == "operating-information-published"
    return "only-who-publishes" if refusal.reason == "function" and published else refusal.reason


def flag(code: str, words: Words) -> str:
    """What a flag says of an entry, in a few words."""
    return words.gettext("a deviation of its own") if code == "stated" else words.name(Flag(code))


def flagged(odd: "Irregularity", words: Words) -> str:
    """That an entry does not fit, with the rule where the routine has one for it."""
    rule = f" ({odd.rule})" if odd.rule else ""
    return words.gettext("flagged: {what}").format(what=flag(odd.code, words)) + rule


def _readable(data: Mapping[str, Any], words: Words) -> dict[str, str]:
    _ = words.gettext
    readable = {key: _said(key, value, words) for key, value in data.items()}
    if "right" in data:
        from wording.settings import RIGHT  # for the rare setting that is wrong

        right = RIGHT[data["right"]]
        readable["right"] = _(right).format_map(readable)
    if "near" in data:
        [*near] = data["near"]
        readable["hint"] = _("did you mean {near}?").format(near=near[0]) if near else _("see reservrutin settings.")
    if "earlier" in data:
        readable["hint"] = _earlier(data["earlier"], is_since="since" in data, words=words)
    if data.keys() >= {"command", "incidents"}:
        same = [f"{data['command']} --incident {incident.number}" for incident in data["incidents"]]
        readable["same"] = _said("same", same, words)
    if "may" in data:
        readable["as_one"] = _(" or ").join(f"--as {function}" for function in data["may"])
    if "field" in data:
        readable["option"] = _option(data["field"])
    if data.keys() >= {"field", "other"}:
        readable["other"] = _option(data["other"])
    return readable


def _earlier(moment: datetime | None, *, is_since: bool, words: Words) -> str:
    """What may have been meant by a time that has not been yet."""
    _ = words.gettext
    if moment:
        return _("did you mean yesterday {time}?").format(time=f"{moment.astimezone(SWEDEN):%H:%M}")
    if is_since:
        return _("check --since and --at.")
    return _("--at takes a time that has passed, like -20m or yesterday 22:10.")


def _option(field: str) -> str:
    return "--" + OPTION_OF.get(field, field).replace("_", "-")


OPTION_OF = {
    "fields": "set",
    "function": "as",
    "systems": "system",
    "areas": "area",
    "channels": "channel",
    "links": "link",
}
"""Where an option is not called what its field is."""


def _said(key: str, value: Any, words: Words) -> str:
    _ = words.gettext
    if key in ("happened_at", "recorded_at", "newest", "dated", "sent_at"):  # of a clock that is held against another
        return to_the_second(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    if isinstance(value, datetime):
        return clock(value)
    if isinstance(value, str) and key == "allowed_at":
        return clock(datetime.fromisoformat(value))
    if isinstance(value, Function):
        return words.name(value)
    if key == "incidents":
        what = {each.number: about(each, words.of(each.routine)) for each in value if each.entries}
        return "; ".join(": ".join(filter(None, (each.number, what.get(each.number)))) for each in value)
    if key == "values":
        known = words.values(value) if isinstance(value, type) else value
        return _either([_value(word, words) for word in known], words)
    if key == "what":
        return _(value)
    if key == "candidates":
        return _either([_said("fact", wire, words) for wire in value], words)
    if isinstance(value, list | tuple):
        return _(" or ").join(words.name(part) if isinstance(part, Function) else str(part) for part in value)
    if key == "fact":
        return f"{words.fact(value)} ({value})"
    if key == "system":
        return words.name(System(value))
    if key == "problem":
        from wording.system_says import said  # for the rare refusal that the system is behind

        return said(str(value), words)
    return str(value)


def _value(word: Word, words: Words) -> str:
    """A value as it is typed, with what people call it."""
    name = words.name(word)
    return word.value if name.casefold() == word.value else f"{word.value} ({name})"


def _either(ways: list[str], words: Words) -> str:
    """One of these: commas, and an “or” before the last."""
    *first, last = ways
    return words.gettext(" or ").join(filter(None, (", ".join(first), last)))
