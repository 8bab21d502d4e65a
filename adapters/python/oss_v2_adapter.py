"""The SDK `alibabacloud-oss-v2` behind Partproof's line protocol.

The calls are those of the section on client-side encryption in its `DEVGUIDE-CN.md`: multipart uploads part by part. With `--high-level`
they are its `Uploader` and its `Downloader`, both made from an `EncryptionClient`.
"""

from __future__ import annotations

import argparse
import os
from importlib.metadata import version
from typing import BinaryIO

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2.crypto.aes_ctr_cipher import AESCtrCipherBuilder

from line_protocol import Json, LeftOpen, Unsupported, client_of, in_order, serve, timed

TIMEOUT_SECONDS = 5
RETRY_PAUSE_SECONDS = 0.05


def open_client(request: Json) -> oss.EncryptionClient:
    config = oss.config.load_default()
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(request["access_key_id"], request["access_key_secret"])
    config.region = request["region"]
    config.endpoint = request["endpoint"]
    config.use_path_style = True
    config.signature_version = request["signature"]
    config.connect_timeout = TIMEOUT_SECONDS
    config.readwrite_timeout = TIMEOUT_SECONDS
    # As many attempts as by default, but not its pauses.
    config.retryer = oss.retry.StandardRetryer(backoff_delayer=oss.retry.FixedDelayBackoff(RETRY_PAUSE_SECONDS))
    master_key = request["master_key"]
    others = [master_cipher(other) for other in master_key["others"]]
    return oss.EncryptionClient(oss.Client(config), master_cipher(master_key), others)


def master_cipher(key: Json) -> oss.crypto.MasterRsaCipher:
    return oss.crypto.MasterRsaCipher(mat_desc=key["description"], public_key=key["public"], private_key=key["private"])


def passed(request: Json) -> Json:
    """What the caller passes, as the SDK's requests have it."""
    options = request["options"]
    return {"metadata": options["metadata"] or None, "content_type": options["content_type"]}


def upload(request: Json) -> Json:
    only_ctr(request)
    part_size = request["part_size"]
    if part_size is None:
        raise Unsupported
    client, path = client_of(request, open_client), request["file"]
    place = {"bucket": request["bucket"], "key": request["object"]}
    size = os.path.getsize(path)
    started = client.initiate_multipart_upload(oss.InitiateMultipartUploadRequest(**place, **passed(request), cse_part_size=part_size, cse_data_size=size))
    try:
        with open(path, "rb") as file:
            # Its lock is what lets several threads read from one file.
            reader = oss.io_utils.ReadAtReader(file)

            def upload_part(numbered: tuple[int, int]) -> oss.UploadPart:
                number, offset = numbered
                result = client.upload_part(
                    oss.UploadPartRequest(
                        **place,
                        upload_id=started.upload_id,
                        part_number=number,
                        cse_multipart_context=started.cse_multipart_context,
                        body=oss.io_utils.SectionReader(reader, offset, min(part_size, size - offset)),
                    )
                )
                return oss.UploadPart(part_number=number, etag=result.etag)

            parts = in_order(request["options"]["parallel"], upload_part, enumerate(range(0, size, part_size), start=1))
        result = client.complete_multipart_upload(
            oss.CompleteMultipartUploadRequest(
                **place,
                upload_id=started.upload_id,
                complete_multipart_upload=oss.CompleteMultipartUpload(parts=parts),
            )
        )
    except Exception as error:
        try:
            client.abort_multipart_upload(oss.AbortMultipartUploadRequest(**place, upload_id=started.upload_id))
        except Exception:
            raise LeftOpen(error, started.upload_id) from error
        raise
    return {"etag": result.etag}


def download(request: Json) -> Json:
    result = client_of(request, open_client).get_object(get_object_request(request))
    with result.body as body, open(request["file"], "wb") as file:
        for block in body.iter_bytes():
            file.write(block)
    return {"length": os.path.getsize(request["file"])}


def upload_managed(request: Json) -> Json:
    only_ctr(request)
    options = request["options"]
    chosen: Json = {"parallel_num": options["parallel"]}
    if request["part_size"] is not None:
        chosen["part_size"] = request["part_size"]
    if options["checkpoint"] is not None:
        # A folder, with a slash at its end. The SDK names the file in it itself, by object and source.
        folder = os.path.join(os.path.dirname(options["checkpoint"]), "")
        chosen.update(enable_checkpoint=True, checkpoint_dir=folder)
    # One client has one uploader, with one set of options; what is chosen for a call is passed with it.
    uploader = client_of(request, lambda request: oss.Uploader(open_client(request)))
    put = oss.PutObjectRequest(bucket=request["bucket"], key=request["object"], **passed(request))
    if options["stream"]:
        with open(request["file"], "rb") as file:
            return {"etag": uploader.upload_from(put, Stream(file), **chosen).etag}
    return {"etag": uploader.upload_file(put, filepath=request["file"], **chosen).etag}


class Stream:
    """A source of which nothing is known but what is read."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read


def download_managed(request: Json) -> Json:
    downloader = client_of(request, lambda request: oss.Downloader(open_client(request)))
    result = downloader.download_file(get_object_request(request), filepath=request["file"])
    return {"length": result.written}


def get_object_request(request: Json) -> oss.GetObjectRequest:
    wanted, header = request["range"], None
    if wanted is not None:
        first, last = ("" if end is None else end for end in (wanted["first"], wanted["last"]))
        header = f"bytes={first}-{last}"
    return oss.GetObjectRequest(bucket=request["bucket"], key=request["object"], range_header=header)


def only_ctr(request: Json) -> None:
    if request["options"]["cipher"] != "AES/CTR/NoPadding":
        raise Unsupported


def refusal(error: Exception) -> Json | None:
    # The SDK wraps the service's error in one that names the operation, and that in one that names the transfer.
    while hasattr(error, "unwrap"):
        error = error.unwrap()
    if isinstance(error, oss.exceptions.ServiceError):
        return {"code": error.code, "ec": error.ec}
    return None


class Unwrapped(oss.crypto.MasterCipher):
    """Keys as they are: what is timed is the content cipher."""

    def encrypt(self, data: bytes) -> bytes:
        return data

    def decrypt(self, data: bytes) -> bytes:
        return data

    def get_wrap_algorithm(self) -> str:
        return ""

    def get_mat_desc(self) -> str:
        return ""


def cipher_at(of: Json, offset: int) -> oss.crypto.ContentCipher:
    envelope = oss.crypto.Envelope(iv=of["start"], cipher_key=of["key"])
    return AESCtrCipherBuilder(Unwrapped()).content_cipher_from_env(envelope, offset=offset)


TIMED = {
    "encrypt_part": lambda of: lambda: cipher_at(of, (of["number"] - 1) * of["part_size"]).encrypt_content(of["plaintext"]),
    "decrypt_range": lambda of: lambda: cipher_at(of, of["offset"]).decrypt_content(of["ciphertext"]),
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--high-level", action="store_true", help="Uploader and Downloader")
    is_high_level = parser.parse_args().high_level
    features = ["plans", "resumes", "sources", "streams"] if is_high_level else []
    serve(
        {
            "name": "alibabacloud-oss-v2 (Uploader)" if is_high_level else "alibabacloud-oss-v2",
            "version": version("alibabacloud-oss-v2"),
            "signatures": ["v1", "v4"],
            "features": ["ranges", "describes", "metadata", "reuses", "several-keys", *features],
        },
        {
            "upload": upload_managed if is_high_level else upload,
            "download": download_managed if is_high_level else download,
            "bench": timed(TIMED),
        },
        refusal,
    )
