"""Content Credentials: signed, changed, none; and no request to another computer."""

import datetime
import io
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import c2pa
import pytest

# It comes with c2pa-python.
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

import dfwidgets as df
from dfwidgets.facts.credentials import Credentials, read_credentials
from tests.helpers import picture_bytes

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
KINDS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}


DAY = datetime.timedelta(days=1)


def certificate(name, key, issuer, signer, ocsp="", valid=DAY):
    """A certificate that nobody trusts, `valid` for so long from now on."""
    now = datetime.datetime.now(datetime.UTC)
    authority = name == issuer

    def named(text):
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, text),
                x509.NameAttribute(NameOID.COMMON_NAME, text),
            ]
        )

    made = (
        x509.CertificateBuilder(
            named(issuer), named(name), key.public_key(), x509.random_serial_number()
        )
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + valid)
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.KeyUsage(
                not authority, False, False, False, False, authority, authority, False, False
            ),
            True,
        )
    )
    if not authority:
        made = made.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False
        )
    if ocsp:
        at = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp)
        )
        made = made.add_extension(x509.AuthorityInformationAccess([at]), False)
    return made.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def signed(
    data,
    kind="JPEG",
    *,
    name="A school",
    tool="a test",
    source=AI,
    elsewhere="",
    ocsp="",
    valid=DAY,
):
    """The file with Content Credentials, signed with a key made here."""
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    chain = certificate(name, key, "Nobody", root, ocsp, valid)
    chain += certificate("Nobody", root, "Nobody", root)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    action = {"action": "c2pa.created", "digitalSourceType": source}
    claim = {
        "claim_generator_info": [{"name": tool, "version": "1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    out = io.BytesIO()
    with (
        c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}}) as context,
        c2pa.Builder.from_json(json.dumps(claim), context=context) as builder,
        c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, secret, None)) as signer,
    ):
        if elsewhere:
            builder.set_remote_url(elsewhere)
            builder.set_no_embed()
        builder.sign(signer, KINDS[kind], io.BytesIO(data), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def genuine() -> bytes:
    return signed(picture_bytes())


@pytest.fixture(scope="module")
def run_out() -> bytes:
    """A file whose signer's certificate has run out since it was signed, a moment ago."""
    data = signed(picture_bytes(), valid=datetime.timedelta(seconds=1))
    looks = 0
    while read_credentials(data).state == "valid":  # sooner no library signs with it
        threading.Event().wait(0.1)
        looks += 1
        assert looks < 100
    return data


@pytest.fixture
def reached():
    """A server of our own and the requests that reached it: (address, paths)."""
    paths = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        do_POST = do_HEAD = do_GET

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_file_is_valid_and_signed_by_nobody_this_page_knows(kind):
    facts = df.read_facts(signed(picture_bytes(kind), kind))
    assert facts.credentials == Credentials("valid", "A school", "a test", says_ai=True)
    sentence = facts.sentences["Content Credentials"]
    assert "not changed since" in sentence
    assert "by nobody this page knows" in sentence
    assert '"A school" (signature)' in sentence
    assert "Made with AI" in facts.sentences


def test_a_signed_photograph_says_nothing_of_ai():
    facts = df.read_facts(
        signed(picture_bytes(), source=AI.replace("trainedAlgorithmicMedia", "digitalCapture"))
    )
    assert facts.credentials.state == "valid"
    assert "Made with AI" not in facts.sentences


def test_one_byte_of_the_pixels_changed_after_signing_is_noticed_and_its_words_are_not_repeated(
    genuine,
):
    changed = bytearray(genuine)
    changed[-40] ^= 1
    facts = df.read_facts(bytes(changed))
    assert facts.credentials == Credentials("changed")
    assert "changed after it was signed" in facts.sentences["Content Credentials"]
    assert "Made with AI" not in facts.sentences


def test_a_claim_rewritten_after_signing_is_invalid(genuine):
    assert genuine.count(b"trainedAlgorithmicMedia") == 1
    facts = df.read_facts(genuine.replace(b"trainedAlgorithmicMedia", b"somethingOfAnotherKind_"))
    assert facts.credentials == Credentials("invalid")
    assert "not valid" in facts.sentences["Content Credentials"]


def test_a_certificate_that_has_run_out_is_told_from_a_file_that_was_changed(run_out):
    facts = df.read_facts(run_out)
    assert facts.credentials == Credentials("expired")
    assert "has run out" in facts.sentences["Content Credentials"]
    assert "Made with AI" not in facts.sentences


def test_where_more_is_wrong_than_the_certificate_that_is_what_is_said(run_out):
    rewritten = run_out.replace(b"trainedAlgorithmicMedia", b"somethingOfAnotherKind_")
    assert read_credentials(rewritten) == Credentials("invalid")
    changed = bytearray(run_out)
    changed[-40] ^= 1
    assert read_credentials(bytes(changed)) == Credentials("changed")


def test_without_any_it_means_nothing():
    facts = df.read_facts(picture_bytes())
    assert facts.credentials.state == "none"
    assert "That means nothing" in facts.sentences["Content Credentials"]
    mentions = picture_bytes(xmp=b"<x:xmpmeta>we like c2pa</x:xmpmeta>")
    assert read_credentials(mentions).state == "none"


def test_names_in_a_signature_are_short_and_hide_nothing():
    found = read_credentials(
        signed(picture_bytes(), name="\u202eA\x1b <b>school</b>", tool="t" * 5000)
    )
    assert found.signer == "A <b>school</b>"
    assert found.tool == "t" * 77 + "..."


def test_credentials_kept_elsewhere_are_not_fetched(reached):
    address, paths = reached
    data = signed(picture_bytes(), elsewhere=f"{address}/manifest.c2pa")
    facts = df.read_facts(data)
    assert facts.credentials == Credentials("elsewhere")
    assert "nothing was checked" in facts.sentences["Content Credentials"]
    assert address not in str(facts)
    assert paths == []
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/jpeg", io.BytesIO(data))
    assert paths == ["/manifest.c2pa"], (
        "left to itself the library does ask, and this test would see it"
    )


def test_nobody_is_asked_whether_a_certificate_was_withdrawn(reached):
    address, paths = reached
    data = signed(picture_bytes(), ocsp=address)
    assert read_credentials(data).state == "valid"
    assert paths == []
    with (
        c2pa.Context.from_dict({"verify": {"ocsp_fetch": True}}) as online,
        c2pa.Reader("image/jpeg", io.BytesIO(data), None, online),
    ):
        assert len(paths) >= 1, "switched on the library does ask, and this test would see it"


def test_cut_files_are_unreadable_or_invalid_and_never_valid(genuine):
    for end in range(0, len(genuine), 97):
        assert df.read_facts(genuine[:end]).credentials.state != "valid"


def test_where_the_library_is_missing_only_signed_files_need_it(genuine):
    code = (
        "import sys; sys.modules['c2pa'] = None; import dfwidgets as df;"
        "data = sys.stdin.buffer.read();"
        "print(df.read_facts(data).sentences['Content Credentials'])"
    )

    def sentence(data):
        return subprocess.run(
            [sys.executable, "-c", code], input=data, capture_output=True, check=True
        ).stdout.decode()

    assert 'pip install ".[provenance]"' in sentence(genuine)
    assert "None found" in sentence(picture_bytes())


def test_the_library_is_loaded_for_signed_files_alone(genuine):
    code = (
        "import sys, dfwidgets as df; a, b = eval(sys.stdin.read());"
        "df.read_facts(a); print('c2pa' in sys.modules);"
        "df.read_facts(b); print('c2pa' in sys.modules)"
    )
    pair = repr((picture_bytes(), genuine)).encode()
    done = subprocess.run([sys.executable, "-c", code], input=pair, capture_output=True, check=True)
    assert done.stdout.split() == [b"False", b"True"]
