"""Reads a mail as a mail program does and prints what is in it, for delivery.rs."""

import email
import email.policy
import json
import sys

message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = [
    {
        "type": part.get_content_type(),
        "id": part["Content-ID"],
        "bytes": 0 if part.is_multipart() else len(part.get_payload(decode=True)),
        "text": part.get_content() if part.get_content_maintype() == "text" else None,
        "defects": [str(defect) for defect in part.defects],
    }
    for part in message.walk()
]
print(json.dumps({"headers": [[name, str(value)] for name, value in message.items()], "parts": parts}))
