"""The real server with what the conformance suite asks for besides: never part of the package.

`python tests/conformance_fixtures.py serve --transport http --port N` is `slowcoach serve` whose
app has the suite's tools, resources and prompts too (their names and texts are the suite's own).
"""

import base64
import sys
import zlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from mcp import MCPError
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    AudioContent,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    RequestParams,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from mcp_types.jsonrpc import MISSING_REQUIRED_CLIENT_CAPABILITY
from pydantic import Field

from slowcoach_server import cli
from slowcoach_server.app import Slowcoach
from slowcoach_server.http import serving

Call = Context[Any, Any]
Asked = InputRequiredResult | str


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


_PNG: Final = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", bytes((0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0)))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    + _chunk(b"IEND", b"")
)
_WAV: Final = (
    b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0"
    b"data\x02\0\0\0\0\0"
)
IMAGE: Final = ImageContent(data=base64.b64encode(_PNG).decode(), mime_type="image/png")
AUDIO: Final = AudioContent(data=base64.b64encode(_WAV).decode(), mime_type="audio/wav")


def text(said: str) -> TextContent:
    """Return a text block."""
    return TextContent(text=said)


def embedded(uri: str, said: str, kind: str = "text/plain") -> EmbeddedResource:
    """Return an embedded resource with a text."""
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=kind, text=said))


# plain answers ---------------------------------------------------------------------------------


def test_simple_text() -> str:
    """Answer with a text."""
    return "This is a simple text response for testing."


def test_image_content() -> list[ImageContent]:
    """Answer with an image."""
    return [IMAGE]


def test_audio_content() -> list[AudioContent]:
    """Answer with a sound."""
    return [AUDIO]


def test_embedded_resource() -> list[EmbeddedResource]:
    """Answer with a resource."""
    return [embedded("test://embedded-resource", "This is an embedded resource content.")]


def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
    """Answer with three kinds of content."""
    data = '{"test":"data","value":123}'
    resource = embedded("test://mixed-content-resource", data, "application/json")
    return [text("Multiple content types test:"), IMAGE, resource]


def test_error_handling() -> str:
    """Fail."""
    raise ToolError("This tool intentionally returns an error for testing")


# what a call sends before its answer -----------------------------------------------------------


async def test_tool_with_logging(context: Call) -> str:
    """Log three times."""
    for said in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await context.log("info", said)
    return "Logged."


async def test_logging_tool(context: Call) -> str:
    """Log, which a client that did not ask for it must not see."""
    await context.log("info", "not for everybody")
    return "Logged."


async def test_tool_with_progress(context: Call) -> str:
    """Report progress three times."""
    for done in (0, 50, 100):
        await context.report_progress(done, 100, f"Completed step {done} of 100")
    return "Done."


# questions of the handshake era ----------------------------------------------------------------


async def test_sampling(prompt: str, context: Call) -> str:
    """Ask the client's model."""
    message = SamplingMessage(role="user", content=text(prompt))
    answer = await context.session.create_message(
        [message], max_tokens=100, related_request_id=context.request_context.request_id
    )
    return f"LLM response: {answer.content}"


async def test_elicitation(message: str, context: Call) -> str:
    """Ask the person two things."""
    fields = {name: {"type": "string", "description": name} for name in ("username", "email")}
    return await _elicited(context, message, fields, "User response")


async def test_elicitation_sep1034_defaults(context: Call) -> str:
    """Ask with a default of each type."""
    fields: dict[str, Any] = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "default": True},
    }
    return await _elicited(context, "Please check", fields, "Elicitation completed")


async def test_elicitation_sep1330_enums(context: Call) -> str:
    """Ask with each way to offer choices."""
    options = ["option1", "option2", "option3"]
    titled = [{"const": f"value{n}", "title": f"Choice {n}"} for n in (1, 2, 3)]
    legacy = {"enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]}
    fields: dict[str, Any] = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", **legacy},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }
    return await _elicited(context, "Please choose", fields, "Elicitation completed")


async def _elicited(context: Call, message: str, fields: dict[str, Any], start: str) -> str:
    answer = await context.session.elicit_form(
        message, form(fields), related_request_id=context.request_context.request_id
    )
    return f"{start}: action={answer.action}, content={answer.content}"


# questions in answers: the stateless era -------------------------------------------------------


def form(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a form whose fields are all required."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def ask_person(message: str, field: str, kind: str = "string") -> ElicitRequest:
    """Return a form of one field."""
    schema = form({field: {"type": kind}})
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def ask_model(question: str, tokens: int) -> CreateMessageRequest:
    """Return a question to the client's model."""
    message = SamplingMessage(role="user", content=text(question))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=tokens)
    )


def answered(context: Call, *keys: str) -> bool:
    """Tell whether each of these questions has its answer; a refused form has none."""
    given = context.input_responses or {}
    return all(key in given and getattr(given[key], "action", "accept") == "accept" for key in keys)


def said(context: Call, key: str, field: str) -> str:
    """Return what the person filled into a field."""
    answer = (context.input_responses or {})[key]
    return str((answer.content or {}).get(field)) if isinstance(answer, ElicitResult) else ""


def asking(state: str | None = None, **questions: InputRequest) -> InputRequiredResult:
    """Return the questions in place of an answer."""
    return InputRequiredResult(input_requests=questions, request_state=state)


NAME: Final = ask_person("What is your name?", "name")
CONFIRM: Final = ask_person("Please confirm", "ok", "boolean")
ROOTS: Final = ListRootsRequest(params=RequestParams())


def test_input_required_result_elicitation(context: Call) -> Asked:
    """Greet a person by name."""
    if not answered(context, "user_name"):
        return asking(user_name=NAME)
    return f"Hello, {said(context, 'user_name', 'name')}!"


def test_input_required_result_sampling(context: Call) -> Asked:
    """Answer what the client's model says."""
    if not answered(context, "capital_question"):
        return asking(capital_question=ask_model("What is the capital of France?", 100))
    return str((context.input_responses or {})["capital_question"])


def test_input_required_result_list_roots(context: Call) -> Asked:
    """Name the client's roots."""
    if not answered(context, "client_roots"):
        return asking(client_roots=ROOTS)
    return str((context.input_responses or {})["client_roots"])


def test_input_required_result_request_state(context: Call) -> Asked:
    """Take the state back."""
    if not answered(context, "confirm"):
        return asking("first round", confirm=CONFIRM)
    return "state-ok" if context.request_state == "first round" else "state-lost"


def test_input_required_result_multiple_inputs(context: Call) -> Asked:
    """Ask three things at once."""
    if answered(context, "user_name", "greeting", "client_roots"):
        return "All there."
    greeting = ask_model("Generate a greeting", 50)
    return asking("three", user_name=NAME, greeting=greeting, client_roots=ROOTS)


def test_input_required_result_multi_round(context: Call) -> Asked:
    """Ask twice, one after the other."""
    if context.request_state == "second round" and answered(context, "step2"):
        return f"Likes {said(context, 'step2', 'color')}."
    if context.request_state is not None and answered(context, "step1"):
        colour = ask_person("Step 2: What is your favorite color?", "color")
        return asking("second round", step2=colour)
    return asking("first round", step1=ask_person("Step 1: What is your name?", "name"))


def test_input_required_result_tampered_state(context: Call) -> Asked:
    """Rely on the state (who changes it is turned away before this)."""
    return "Confirmed." if answered(context, "confirm") else asking("sealed", confirm=CONFIRM)


def test_input_required_result_capabilities(context: Call) -> Asked:
    """Ask only what the client can answer."""
    can = context.client_capabilities
    questions: dict[str, InputRequest] = {}
    if can is not None and can.sampling is not None:
        questions["model"] = ask_model("Say something", 50)
    if can is not None and can.elicitation is not None:
        questions["person"] = NAME
    return (
        asking(None, **questions)
        if questions and not context.input_responses
        else "Nothing to ask."
    )


def test_streaming_elicitation(context: Call) -> Asked:
    """Ask a person over a stream."""
    return "Confirmed." if answered(context, "confirm") else asking(confirm=CONFIRM)


def test_missing_capability(context: Call) -> str:
    """Need a client whose model can be asked."""
    can = context.client_capabilities
    if can is None or can.sampling is None:
        needed: dict[str, Any] = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "needs sampling", needed)
    return "It can."


# lists that change -----------------------------------------------------------------------------


PASSING: Final = "test_passing"


async def test_trigger_tool_change(context: Call) -> str:
    """Bring a tool, or take it away, and tell those who listen."""
    app = context.mcp_server
    if any(tool.name == PASSING for tool in await app.list_tools()):
        app.remove_tool(PASSING)
    else:
        app.tool(PASSING, structured_output=False)(test_simple_text)
    await context.notify_tools_changed()
    return "Changed."


async def test_trigger_prompt_change(context: Call) -> str:
    """Bring a prompt, or take it away, and tell those who listen."""
    app = context.mcp_server
    if any(prompt.name == PASSING for prompt in await app.list_prompts()):
        app.remove_prompt(PASSING)
    else:
        app.prompt(PASSING)(test_simple_prompt)
    await context.notify_prompts_changed()
    return "Changed."


# resources and prompts -------------------------------------------------------------------------


def static_text() -> str:
    """Return a text."""
    return "This is the content of the static text resource."


def static_binary() -> bytes:
    """Return an image."""
    return _PNG


def watched() -> str:
    """Return a text that clients subscribe to."""
    return "Watched."


def by_template(id: str) -> str:  # noqa: A002  # the suite's name
    """Return JSON with what the address says."""
    return f'{{"id":"{id}","templateTest":true,"data":"Data for ID: {id}"}}'


def test_simple_prompt() -> str:
    """Say one thing."""
    return "This is a simple prompt for testing."


def test_prompt_with_arguments(
    arg1: Annotated[str, Field(description="First")],
    arg2: Annotated[str, Field(description="Second")],
) -> str:
    """Say what was given."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def test_prompt_with_embedded_resource(
    resourceUri: Annotated[str, Field(description="Which resource")],  # noqa: N803  # the suite's name
) -> list[Any]:
    """Bring a resource."""
    return [embedded(resourceUri, "Embedded resource content for testing."), "Please read it."]


def test_prompt_with_image() -> list[Any]:
    """Bring an image."""
    return [IMAGE, "Please look at the image above."]


def test_input_required_result_prompt(context: Call) -> Asked:
    """Ask before it is filled."""
    if not answered(context, "user_context"):
        question = ask_person("What context should the prompt use?", "context")
        return asking(user_context=question)
    return f"Use {said(context, 'user_context', 'context')}."


TOOLS: Final[Sequence[Callable[..., Any]]] = (
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_error_handling,
    test_tool_with_logging,
    test_logging_tool,
    test_tool_with_progress,
    test_sampling,
    test_elicitation,
    test_elicitation_sep1034_defaults,
    test_elicitation_sep1330_enums,
    test_input_required_result_elicitation,
    test_input_required_result_sampling,
    test_input_required_result_list_roots,
    test_input_required_result_request_state,
    test_input_required_result_multiple_inputs,
    test_input_required_result_multi_round,
    test_input_required_result_tampered_state,
    test_input_required_result_capabilities,
    test_streaming_elicitation,
    test_missing_capability,
    test_trigger_tool_change,
    test_trigger_prompt_change,
)
PROMPTS: Final[Sequence[Callable[..., Any]]] = (
    test_simple_prompt,
    test_prompt_with_arguments,
    test_prompt_with_embedded_resource,
    test_prompt_with_image,
    test_input_required_result_prompt,
)


def add_to(app: Slowcoach) -> None:
    """Give an app what the suite looks for."""
    app.fill()
    for tool in TOOLS:
        app.tool(structured_output=False)(tool)
    app.resource("test://static-text", mime_type="text/plain")(static_text)
    app.resource("test://static-binary", mime_type="image/png")(static_binary)
    app.resource("test://watched-resource", mime_type="text/plain")(watched)
    app.resource("test://template/{id}/data", mime_type="application/json")(by_template)
    for prompt in PROMPTS:
        app.prompt()(prompt)
    # what the handshake era has and our server does not declare: no public way to add it
    handle: Any = app._lowlevel_server.add_request_handler  # pyright: ignore[reportPrivateUsage]
    handle("logging/setLevel", SetLevelRequestParams, _accepted)
    handle("resources/subscribe", SubscribeRequestParams, _accepted)
    handle("resources/unsubscribe", UnsubscribeRequestParams, _accepted)


async def _accepted(_context: Any, _params: Any) -> EmptyResult:
    return EmptyResult()


def main(words: Sequence[str]) -> None:
    """Run the command line with an app that has the fixtures."""
    module: Any = serving  # which does not offer it to others
    plain = module.build_app

    def with_fixtures(*given: Any, **named: Any) -> Slowcoach:
        app: Slowcoach = plain(*given, **named)
        add_to(app)
        return app

    module.build_app = with_fixtures
    cli.main(words)


if __name__ == "__main__":
    main(sys.argv[1:])
