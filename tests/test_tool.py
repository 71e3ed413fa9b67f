"""A tool's arguments are checked once, for all faces, in words that say what to change."""

import dataclasses
from typing import Annotated, Any

import pytest
from pydantic import Field

from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.result import Result
from slowcoach.core.tool import Tool


def weigh(
    job: Job,
    path: Annotated[str, Field(description="A file.")],
    top: Annotated[int, Field(ge=1, le=50)] = 10,
    headers: dict[str, str] | None = None,
) -> Result:
    """Weigh a file.

    Use it when the file
    is heavy.
    """
    return Result(summary=f"{path} {top} {headers}")


WEIGH = Tool(weigh, title="Weigh", long=True)


def test_name_and_description_are_the_functions() -> None:
    assert WEIGH.name == "weigh"
    assert WEIGH.paragraphs == ("Weigh a file.", "Use it when the file is heavy.")


def test_the_job_is_no_argument_and_long_work_can_be_waited_for() -> None:
    assert list(WEIGH.arguments.model_fields) == ["path", "top", "headers", "wait_s"]


def test_arguments_get_their_types_and_defaults() -> None:
    given = WEIGH.validate({"path": "a", "top": "3"})

    assert given == {"path": "a", "top": 3, "headers": None, "wait_s": 40.0}


def test_an_object_sent_as_json_text_is_read() -> None:
    given = WEIGH.validate({"path": "a", "headers": '{"accept": "text/html"}'})

    assert given["headers"] == {"accept": "text/html"}


def test_text_that_looks_like_json_stays_text_where_text_is_wanted() -> None:
    assert WEIGH.validate({"path": "[x]"})["path"] == "[x]"


@pytest.mark.parametrize(("sent", "text"), [({"a": [1, "é"]}, '{"a": [1, "é"]}'), ([1], "[1]")])
def test_an_object_or_list_is_sent_on_as_json_where_the_text_is_a_document(
    sent: object, text: str
) -> None:
    letter = dataclasses.replace(WEIGH, documents=("path",))
    assert letter.validate({"path": sent})["path"] == text
    with pytest.raises(InputError, match="valid string"):
        WEIGH.validate({"path": sent})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "a", "tpo": 3}, "Did you mean `top`?"),
        ({}, "`path` is missing"),
        ({"path": 3}, "`path`: input should be a valid string, got 3"),
        ({"path": "a", "top": 0}, "`top`: input should be greater than or equal to 1, got 0"),
        ({"path": "a", "wait_s": float("nan")}, "`wait_s`"),
        ({"path": "a", "headers": "none"}, "`headers`"),
        ({"path": "a", "xyzzy": 1}, "It takes: path, top, headers, wait_s"),
    ],
)
def test_a_wrong_argument_is_refused_with_the_way_out(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        WEIGH.validate(arguments)

    assert said in str(refused.value)


def test_a_huge_wrong_value_is_not_echoed_whole() -> None:
    with pytest.raises(InputError) as refused:
        WEIGH.validate({"path": "a", "top": ["x" * 100_000]})

    assert len(str(refused.value)) < 600
