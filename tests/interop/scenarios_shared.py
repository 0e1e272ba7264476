"""The shared blob store of the newest clients: a blob is a link to a payload for the whole cache.

A real download publishes there only after Xet, and the tests have no Xet server: the blobs come by
HTTP, then the client's own publishing function moves them."""

import os

from stage import SIX, scenario, six

from hub import make_model


def _downloaded_and_published(stage):
    with stage.hub(six(), xet=True) as hub:
        stage.download(hub)
    stage.client.publish_shared(stage.home, six()).must()


def _payload(stage, path):
    xet_hash = six().head.files[path].content.xet_hash
    return os.path.join(stage.home, "hub", "blobs", xet_hash[:2], xet_hash)


@scenario(since="2.0")
def shared_finished(stage):
    _downloaded_and_published(stage)
    yield


@scenario(since="2.0")
def shared_by_two_repos(stage):
    """A second repo with the same weights: its blobs are links from the start."""
    _downloaded_and_published(stage)
    copy = make_model("acme/copy", seed=SIX)
    weights = [path for path, file in copy.head.files.items() if file.lfs]
    stage.client.link_shared(stage.home, copy, weights).must()
    with stage.hub(copy, xet=True) as hub:
        stage.download(hub, "acme/copy")
        assert not hub.bytes_sent(host="cdn"), "the client did not take the shared blobs"
    yield


@scenario(since="2.0")
def shared_payload_removed(stage):
    """Somebody deleted a payload by hand: every repo that links it is broken."""
    _downloaded_and_published(stage)
    os.unlink(_payload(stage, "model-00004-of-00006.safetensors"))
    yield


@scenario(since="2.0")
def shared_payload_truncated(stage):
    """A payload that is too short: the client no longer trusts it."""
    _downloaded_and_published(stage)
    payload = _payload(stage, "model-00004-of-00006.safetensors")
    os.chmod(payload, 0o600)
    os.truncate(payload, 1 << 20)
    os.chmod(payload, 0o444)
    yield
