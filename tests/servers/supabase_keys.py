"""Keys of a Supabase project: signed ones, as all have them, and one of the new kind."""

import base64
import hmac
import json
import time

SECRET = b"a-secret-that-signs-the-keys-of-this-project"
NEW_KEY = "sb_secret_0123456789-abcdefABCDEF_01234567"


def signed_key(role: str = "service_role", *, expires_in: int = 3600, secret: bytes = SECRET) -> str:
    """Return a key as projects have them: a JWT that tells its role."""
    now = int(time.time())
    parts = [{"alg": "HS256", "typ": "JWT"}, {"role": role, "iat": now, "exp": now + expires_in}]
    text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
