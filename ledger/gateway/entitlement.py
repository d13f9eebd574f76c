"""Who asks: bearer tokens at the door (promise 7). 401 without a valid one, 403 when it may not do this."""

from typing import Annotated

from fastapi import Depends, Request

from ledger.gateway import events
from ledger.gateway.limits import Refusal
from ledger.gateway.state import TheGateway
from ledger.tokens import Token


def bearer(request: Request, gateway: TheGateway) -> Token:
    """Return the token a request carries. Raises `Refusal` 401."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": 'Bearer realm="baogong"'}
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refusal(401, "token_missing", headers=challenge)
    token = gateway.tokens.find(secret.strip())
    if token is None:
        events.log(events.DENIED, status=401, path=request.url.path)
        raise Refusal(401, "token_wrong", headers=challenge)
    return token


def reader(token: Annotated[Token, Depends(bearer)]) -> Token:
    """Return a token that may read. Raises `Refusal` 403."""
    if not token.may_read:
        raise Refusal(403, "token_may_not_read", {"name": token.name})
    return token


def writing(token: Annotated[Token, Depends(bearer)]) -> Token:
    """Return a token that may write. Raises `Refusal` 403."""
    if not token.may_write:
        raise Refusal(403, "token_may_not_write", {"name": token.name})
    return token


def require_site(token: Token, site: str | None) -> None:
    """Refuse with 403 when a token may not read about the site asked for."""
    if site is not None and not token.may_see(site):
        raise Refusal(403, "token_not_for_site", {"name": token.name, "site": site})


Reader = Annotated[Token, Depends(reader)]
Writing = Annotated[Token, Depends(writing)]
