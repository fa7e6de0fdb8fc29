"""Content Credentials: who signed a picture file, and whether it was changed since (C2PA 2.x, by
c2pa-python)."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from dfwidgets.facts.metadata import AI_SOURCES, clean

State = Literal[
    "none", "valid", "changed", "expired", "invalid", "elsewhere", "unreadable", "not checked"
]

# No request leaves this computer: no manifest kept elsewhere, no list of withdrawn certificates, no
# identity documents. Times are believed as signed, or every old picture would count as expired.
_OFFLINE = {
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
    "verify": {
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_timestamp_trust": False,
    },
}
# Every embedded manifest is named so (in capitals where a GIF cuts it in pieces), and the address
# of one that is kept elsewhere stands after the last word (XMP, dcterms:provenance).
_MARKS = (b"c2pa", b"C2PA", b"provenance")
_EXPIRED = {"signingCredential.expired", "claimSignature.outsideValidity"}


@dataclass(frozen=True)
class Credentials:
    """The Content Credentials of one file; texts are short, without control characters, and not escaped.

    Attributes:
        state: "none"; "valid": not changed since it was signed, by somebody; "changed" since;
            "expired": signed with a certificate that had run out; "invalid" otherwise; "elsewhere":
            kept at an address that is not asked; "unreadable"; "not checked": c2pa-python is not
            installed.
        signer: the name in the certificate, which anyone can write; "" unless valid.
        tool: the program that made the claim; "" unless valid.
        says_ai: they say that the picture was made or changed by AI; False unless valid.
    """

    state: State = "none"
    signer: str = ""
    tool: str = ""
    says_ai: bool = False


def read_credentials(data: bytes) -> Credentials:
    """Check the Content Credentials in a picture file, without any request to the network; never
    raises."""
    if not any(mark in data for mark in _MARKS):
        return Credentials()
    try:
        import c2pa
    except Exception:  # not there, or its library does not load on this system
        return Credentials("not checked")
    try:
        with (
            c2pa.Context.from_dict(_OFFLINE) as offline,
            c2pa.Reader(None, io.BytesIO(data), None, offline) as reader,
        ):
            return _read(json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return Credentials()
    except (
        Exception
    ) as error:  # the library has one kind of error for whatever else a file can do to it
        return Credentials("elsewhere" if str(error).startswith("Remote") else "unreadable")


def _read(store: dict[str, Any]) -> Credentials:
    active = store["manifests"][store["active_manifest"]]
    if store["validation_state"] not in ("Valid", "Trusted"):
        results = store["validation_results"]["activeManifest"]
        # Nobody is trusted here, so that this one tells nothing.
        failed = {failure["code"] for failure in results["failure"]} - {
            "signingCredential.untrusted"
        }
        if any(re.fullmatch(r"assertion\.\w+Hash\.mismatch", code) for code in failed):
            return Credentials("changed")
        return Credentials("expired" if failed and failed <= _EXPIRED else "invalid")
    signature, tools = active.get("signature_info", {}), active.get("claim_generator_info") or [{}]
    actions = [
        action
        for assertion in active.get("assertions", [])
        if assertion["label"].startswith("c2pa.actions")
        for action in assertion["data"].get("actions", [])
    ]
    sources = {str(action.get("digitalSourceType", "")).rpartition("/")[2] for action in actions}
    return Credentials(
        "valid",
        signer=clean(signature.get("common_name") or signature.get("issuer")),
        tool=clean(tools[0].get("name")),
        says_ai=not sources.isdisjoint(AI_SOURCES),
    )
