"""Read an argument that is an object into its model, with an error that names the nearest key."""

import difflib
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from slowcoach.core.errors import InputError

_Model = TypeVar("_Model", bound=BaseModel)


def as_model(kind: type[_Model], given: object, name: str) -> _Model:
    """Return the argument as its model; raises InputError with the nearest known key."""
    try:
        return kind.model_validate({} if given is None else given)
    except ValidationError as error:
        detail = error.errors()[0]
        key = ".".join(map(str, detail["loc"]))
        known = list(kind.model_fields)
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        said = "is not known" if detail["type"] == "extra_forbidden" else detail["msg"].lower()
        mean = f"Did you mean `{near[0]}`? " if near and key not in known else ""
        raise InputError(
            f"{name}.{key}: {said}, got {str(detail['input'])[:80]}",
            hint=f"{mean}`{name}` takes: {', '.join(known)}",
        ) from None
