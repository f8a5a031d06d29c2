"""What the doctor says: how it is, and what to do where it is not well."""

from domain.texts import N_

LOOKS = {
    "settings": N_("settings"),
    "log": N_("log"),
    "disk": N_("disk"),
    "clock": N_("clock"),
    "time-zone": N_("time zone"),
    "keys": N_("keys"),
    "relay": N_("mail server"),
    "mail": N_("test mail"),
    "web": N_("subscription page"),
    "statement": N_("accessibility statement"),
    "worker": N_("worker"),
}
"""What each look is at."""

SAID = {
    "settings": N_("Read from {sources}."),
    "no-settings": N_("Nothing is set, here or in {places}: everything is as the program has it."),
    "log": N_("Reached: {place}."),
    "log-role": N_("Reached: {place}, as {role}."),
    "schema": N_("Its schema is {schema}, this program's own."),
    "schema-other": N_("Its schema is {found}; this program knows {known}."),
    "durable": N_("What is acknowledged is on the disk."),
    "not-durable": N_("What is acknowledged may be lost when the power fails: {settings}."),
    "not-its-groups": N_("{folder} is for a group, and {path} is not: others than its owner may not write."),
    "clock": N_("This computer's clock agrees with the log's."),
    "time-zone": N_("{zone} is known."),
    "no-time-zone": N_("{zone} is not known on this computer."),
    "key": N_("Checkpoints are signed as {name}."),
    "key-unseen": N_("The key in {path} is for its owner alone; whether it signs is seen by them."),
    "keys-known": N_("Public keys that are trusted here: {count}. This computer signs nothing."),
    "no-key": N_("No key is set: nothing but the log itself says that it is whole."),
    "newest-unsigned": N_("The newest checkpoint, up to position {size}, is signed by no key that is known here."),
    "no-relay": N_("No mail server is set: nobody is told by e-mail."),
    "exercise": N_("An exercise: notices go into a folder, and nobody is told by e-mail."),
    "relay": N_("{host}:{port} greets us, unencrypted."),
    "relay-encrypted": N_("{host}:{port} greets us, encrypted, and lets us in."),
    "ehlo": N_("We call ourselves {name} there (EHLO)."),
    "ehlo-short": N_("We call ourselves {name} there (EHLO), which is no whole name."),
    "relay-away": N_("{host}:{port} can't be used: {code}{reply}"),
    "no-pipelining": N_("It takes one command at a time (no PIPELINING): much mail goes slowly."),
    "not-aligned": N_("Mail is from {sender} and undelivered comes back to {envelope}: SPF says nothing for DMARC."),
    "test-from": N_("It says that it is from {sender}, and undelivered it comes back to {envelope}."),
    "test-sent": N_("The mail server took it for {address}: {reply}"),
    "test-refused": N_("The mail server did not take it for {address}: {reply}"),
    "test-unanswered": N_("The mail server did not answer in time."),
    "web": N_("{door} answers."),
    "web-unencrypted": N_("{door} is not https: mail has links there, but mail programs are offered no way out."),
    "statement": N_("It says whose the pages are, how accessible they are and where to report what is not."),
    "statement-unknown": N_("It can't say what the Act 2018:1937 asks for: {settings}."),
    "worker": N_("Nothing waits for a worker; whether one runs is seen where it runs."),
    "no-worker": N_("No worker has followed the log since {since}."),
    "worker-unseen": N_("This database role may not see whether one follows the log."),
    "room": N_("{free} MB free in {folder}."),
    "little-room": N_("Only {free} MB free in {folder}."),
}
"""How it is, by the name of what was found. What a refusal or a clock says stands with those."""

TO_DO = {
    "no-settings": N_("Say in one of them where the log is and who sends the mail (docs/install.md)."),
    "schema-other": N_("reservrutin database check says what would be done."),
    "not-durable": N_("Have whoever runs the database set it right; a pooler must not pool by transaction."),
    "not-its-groups": N_("As root: chgrp --reference={folder} {path}; chmod 660 {path}"),
    "no-time-zone": N_("Install the system's time zones (tzdata)."),
    "no-key": N_("reservrutin keys create FILE, then signing_key_file in the settings."),
    "key-unseen": N_("Run doctor as its owner, or as root."),
    "newest-unsigned": N_("Add its public key to verifier_keys, or find out who signed it."),
    "no-relay": N_("Set smtp_url."),
    "exercise": N_("Leave only_channel out when it is over."),
    "no-pipelining": N_("Ask whoever runs the mail server to offer it."),
    "ehlo-short": N_("Set smtp_ehlo_name: some servers refuse such a name."),
    "not-aligned": N_(
        "Set mail_return_path within {sender}, or see to it that DKIM signs as {sender} (docs/operations.md)."
    ),
    "relay-away": N_("Check smtp_url, the network to there, and the login."),
    "test-sent": N_(
        "Look there at its header Authentication-Results: spf, dkim and dmarc have to say pass (docs/operations.md)."
    ),
    "test-refused": N_("Show this answer to whoever runs the mail server."),
    "test-unanswered": N_("Check smtp_url and the network to there."),
    "web-certificate": N_("Renew it, or have this computer trust whoever signed it."),
    "web-tls": N_("Check that web_url is right, and what stands before reservrutin web."),
    "web-silent": N_("Start reservrutin web, and check the way there from this computer."),
    "web-away": N_("Start reservrutin web, and check web_url and the way there from this computer."),
    "web-unwell": N_("See whether reservrutin web runs there, and what its log says."),
    "web-other": N_("Check web_url, and that what stands before reservrutin web passes /halsa on."),
    "web-unencrypted": N_("Have it served as https, and say so in web_url."),
    "statement-unknown": N_("Set them (docs/operations.md)."),
    "worker-unseen": N_("Run doctor where the worker runs, in its role."),
    "no-worker": N_("Start reservrutin worker, as a service (docs/operations.md)."),
    "little-room": N_("Make room before the log needs it."),
}
"""What to do about it."""
