"""Content Credentials: who signed a picture file, and whether it was changed since.

The standard is C2PA 2.x; c2pa-python reads it.
"""

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

# What the library calls failures (C2PA 2.x, "Returning validation results"). Nobody is trusted
# here, so that the first is there always and tells nothing.
_UNTRUSTED = "signingCredential.untrusted"
_EXPIRED = {"signingCredential.expired", "claimSignature.outsideValidity"}
_CHANGED = re.compile(r"assertion\.\w+Hash\.mismatch")


@dataclass(frozen=True)
class Credentials:
    """The Content Credentials of one file.

    Texts are short, without control characters, and not escaped.

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
    """Check the Content Credentials in a picture file, offline; never raises."""
    # Most files have none, and the library is slow to load.
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
    # The library has one kind of error for whatever else a file can do to it.
    except Exception as error:
        if str(error).startswith("Remote"):
            return Credentials("elsewhere")
        return Credentials("unreadable")


def _read(store: dict[str, Any]) -> Credentials:
    """What the library found, as it writes it in JSON; whatever that lacks raises."""
    manifest = store["manifests"][store["active_manifest"]]
    if store["validation_state"] not in ("Valid", "Trusted"):
        return Credentials(_why_not_valid(store["validation_results"]["activeManifest"]))

    signature = manifest.get("signature_info", {})
    tools = manifest.get("claim_generator_info") or [{}]
    return Credentials(
        "valid",
        signer=clean(signature.get("common_name") or signature.get("issuer")),
        tool=clean(tools[0].get("name")),
        says_ai=not _sources(manifest).isdisjoint(AI_SOURCES),
    )


def _why_not_valid(results: dict[str, Any]) -> State:
    failures = {failure["code"] for failure in results["failure"]} - {_UNTRUSTED}
    if any(_CHANGED.fullmatch(code) for code in failures):
        return "changed"
    # Only where nothing else is wrong: a damaged signature may be an old one as well.
    if failures and failures <= _EXPIRED:
        return "expired"
    return "invalid"


def _sources(manifest: dict[str, Any]) -> set[str]:
    """How the picture was made, as its actions say: the last words of IPTC's addresses."""
    sources = set()
    for assertion in manifest.get("assertions", []):
        # Version 2 of the actions is called "c2pa.actions.v2".
        if assertion["label"].startswith("c2pa.actions"):
            for action in assertion["data"].get("actions", []):
                address = str(action.get("digitalSourceType", ""))
                sources.add(address.rpartition("/")[2])
    return sources
