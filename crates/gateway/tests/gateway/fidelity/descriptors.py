"""Prints the messages that the Python client carries: {message: {number: [field, type, repeated, message or null]}}."""

import importlib
import json
import pkgutil

import ibapi.protobuf
from google.protobuf.descriptor import FieldDescriptor

TYPES = {number: name.removeprefix("TYPE_").lower() for name, number in vars(FieldDescriptor).items() if name.startswith("TYPE_")}


def field(it):
    if it.message_type and it.message_type.GetOptions().map_entry:
        key, value = it.message_type.fields
        return [it.name, f"map<{TYPES[key.type]}, {TYPES[value.type]}>", False, None]
    return [it.name, TYPES[it.type], it.is_repeated, it.message_type.name if it.message_type else None]


messages = {}
for module in pkgutil.iter_modules(ibapi.protobuf.__path__):
    descriptor = importlib.import_module(f"ibapi.protobuf.{module.name}").DESCRIPTOR
    for name, message in descriptor.message_types_by_name.items():
        messages[name] = {it.number: field(it) for it in message.fields}
print(json.dumps(messages))
