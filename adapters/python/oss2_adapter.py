"""The SDK `oss2` behind Partproof's line protocol.

The calls are those of its `examples/object_crypto.py`: multipart uploads part by part. With `--high-level` they are `resumable_upload` and
`resumable_download`, both on a `CryptoBucket`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import version

import oss2

from line_protocol import Json, LeftOpen, Unsupported, client_of, in_order, read_in_pieces, serve, timed

# The SDK has this one setting, for connecting and for reading. It does not retry.
TIMEOUT_SECONDS = 5


def open_bucket(request: Json) -> oss2.CryptoBucket:
    auth = {"v1": oss2.Auth, "v4": oss2.AuthV4}[request["signature"]]
    master_key = request["master_key"]
    provider = oss2.RsaProvider(
        {"public_key": master_key["public"], "private_key": master_key["private"]},
        mat_desc=master_key["description"],
    )
    for other in master_key["others"]:
        pair = {"public_key": other["public"], "private_key": other["private"]}
        provider.add_encryption_materials(oss2.EncryptionMaterials(other["description"], key_pair=pair))
    return oss2.CryptoBucket(
        auth(request["access_key_id"], request["access_key_secret"]),
        request["endpoint"],
        request["bucket"],
        provider,
        connect_timeout=TIMEOUT_SECONDS,
        region=request["region"],
    )


def upload(request: Json) -> Json:
    only_ctr(request)
    bucket, key, path = client_of(request, open_bucket), request["object"], request["file"]
    size = os.path.getsize(path)
    # Without a part size, the bucket chooses one and leaves it in the context.
    context = oss2.models.MultipartUploadCryptoContext(size, request["part_size"])
    upload_id = bucket.init_multipart_upload(key, headers=headers(request), upload_context=context).upload_id

    def upload_part(numbered: tuple[int, int]) -> oss2.models.PartInfo:
        number, offset = numbered
        length = min(context.part_size, size - offset)
        with open(path, "rb") as file:
            file.seek(offset)
            data = oss2.SizedFileAdapter(file, length)
            result = bucket.upload_part(key, upload_id, number, data, upload_context=context)
        return oss2.models.PartInfo(number, result.etag, size=length, part_crc=result.crc)

    try:
        numbered_offsets = enumerate(range(0, size, context.part_size), start=1)
        parts = in_order(request["options"]["parallel"], upload_part, numbered_offsets)
        result = bucket.complete_multipart_upload(key, upload_id, parts)
    except Exception as error:
        try:
            bucket.abort_multipart_upload(key, upload_id)
        except Exception:
            raise LeftOpen(error, upload_id) from error
        raise
    return {"etag": result.etag}


def download(request: Json) -> Json:
    bucket, key, path = client_of(request, open_bucket), request["object"], request["file"]
    wanted, pieces = request["range"], request["pieces"]
    # The documented form of a range: the tuple (None, 10) stands for the last ten bytes.
    byte_range = None if wanted is None else (wanted["first"], wanted["last"])
    if pieces is not None:
        with open(path, "wb") as file:
            read_in_pieces(pieces, lambda: bucket.get_object(key, byte_range=byte_range), file.write)
    elif wanted is None:
        bucket.get_object_to_file(key, path)
    else:
        with bucket.get_object(key, byte_range=byte_range) as result, open(path, "wb") as file:
            for chunk in result:
                file.write(chunk)
    return {"length": os.path.getsize(path)}


def upload_resumably(request: Json) -> Json:
    only_ctr(request)
    part_size, options = request["part_size"], request["options"]
    with record_folder(options["checkpoint"]) as (root, folder):
        result = oss2.resumable_upload(
            client_of(request, open_bucket),
            request["object"],
            request["file"],
            headers=headers(request),
            store=oss2.ResumableStore(root=root, dir=folder),
            # Below the threshold, by default far above the part sizes asked for, the SDK puts the file in one request.
            multipart_threshold=part_size,
            part_size=part_size,
            num_threads=options["parallel"],
        )
    return {"etag": result.etag}


def download_resumably(request: Json) -> Json:
    if request["range"] is not None:
        raise Unsupported
    with record_folder(None) as (root, folder):
        store = oss2.ResumableDownloadStore(root=root, dir=folder)
        oss2.resumable_download(client_of(request, open_bucket), request["object"], request["file"], store=store)
    return {"length": os.path.getsize(request["file"])}


@contextlib.contextmanager
def record_folder(checkpoint: str | None) -> Iterator[tuple[str, str]]:
    """Where the SDK keeps its records, as a folder in another one. It names the files in it itself, by object and source.

    Without a checkpoint nothing is to be resumed, but by default the SDK would, from a record in the home folder.
    """
    if checkpoint is not None:
        root, name = os.path.split(checkpoint)
        yield root, f"{name}.records"
    else:
        with tempfile.TemporaryDirectory() as root:
            yield root, "records"


def headers(request: Json) -> dict[str, str]:
    options = request["options"]
    given = {f"x-oss-meta-{name}": value for name, value in options["metadata"].items()}
    if options["content_type"] is not None:
        given["Content-Type"] = options["content_type"]
    return given


def only_ctr(request: Json) -> None:
    if request["options"]["cipher"] != "AES/CTR/NoPadding":
        raise Unsupported


def refusal(error: Exception) -> Json | None:
    if isinstance(error, oss2.exceptions.ServerError):
        return {"code": error.code, "ec": error.ec}
    return None


def encrypt(of: Json, offset: int, data: bytes) -> bytes:
    cipher = oss2.utils.AESCTRCipher()
    cipher.initialize(of["key"], of["start"], cipher.calc_offset(offset))
    return cipher.encrypt(data)


def part_list(of: Json) -> bytes:
    # The SDK strips the quotes of an ETag where it reads one.
    parts = [oss2.models.PartInfo(part["number"], part["etag"].strip('"')) for part in of["parts"]]
    return oss2.to_bytes(oss2.xml_utils.to_complete_upload_request(parts))


TIMED = {
    "part_list": lambda of: lambda: part_list(of),
    "encrypt_part": lambda of: lambda: encrypt(of, (of["number"] - 1) * of["part_size"], of["plaintext"]),
    "decrypt_range": lambda of: lambda: encrypt(of, of["offset"], of["ciphertext"]),
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--high-level", action="store_true", help="resumable_upload and resumable_download")
    is_high_level = parser.parse_args().high_level
    features = ["resumes", "sources"] if is_high_level else ["closed-ranges", "open-ranges", "pieces"]
    serve(
        {
            "name": "oss2 (resumable_upload)" if is_high_level else "oss2",
            "version": version("oss2"),
            "signatures": ["v1", "v4"],
            "features": ["plans", "describes", "metadata", "reuses", "several-keys", *features],
        },
        {
            "upload": upload_resumably if is_high_level else upload,
            "download": download_resumably if is_high_level else download,
            "bench": timed(TIMED),
        },
        refusal,
    )
