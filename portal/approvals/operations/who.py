"""Who does something to a change: a person, by an account or a token; or the product itself."""

from dataclasses import dataclass

from portal.accounts.models import Person, ServiceToken, User


@dataclass(frozen=True)
class Who:
    """`person` None is the product. `via` is how they came, for the history."""

    person: Person | None = None
    user: User | None = None
    token: ServiceToken | None = None
    via: str = ""


PRODUCT = Who(via="apportion")


def who_is(user: object) -> Who:
    """The person behind an account or a token. Raises TypeError for whoever is neither."""
    if isinstance(user, ServiceToken):
        return Who(user.owner, None, user, f"token {user.prefix}")
    if isinstance(user, User):
        return Who(user.person, user, None, user.get_username())
    raise TypeError("nobody asks for a change without signing in")
