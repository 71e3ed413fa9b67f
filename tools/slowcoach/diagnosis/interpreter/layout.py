"""Where CPython keeps what: offsets in bytes, by minor version, of 64-bit builds.

Taken with offsetof() from the headers of 3.9.18, 3.10.13, 3.11.7, 3.12.1 and 3.13.0
(`Include/internal`), and for the C structures of `_asyncio` and `functools` by looking for known
pointers in a live object.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets of one minor version; the names are structure_field."""

    main_interpreter: int
    threads: int
    modules: int
    gc_stats: int
    gc_collecting: int
    gil_pointer: int | None
    gil_locked: int
    thread_next: int
    thread_native_id: int
    thread_frame: int
    cframe: int | None
    frame_code: int
    frame_previous: int
    frame_locals: int
    code_first_line: int
    code_bytes: int
    coroutine_frame: int
    coroutine_state: int
    task_coroutine: int
    ascii_size: int
    compact_size: int
    type_cached_keys: int
    managed_values: int
    tasks_name: str
    frame_instruction: int = 56
    frame_stack_top: int = 64
    code_filename: int = 112
    code_qualname: int = 128
    code_line_table: int = 136
    code_names: int = 32
    code_variables: int = 96
    code_constants: int = 24
    code_free: int | None = None
    function_code: int = 48
    function_defaults: int = 56
    function_closure: int = 72
    dict_keys: int = 32
    dict_values: int = 40
    gc_stats_size: int = 24


_BEFORE_311 = Layout(
    main_interpreter=40,
    threads=8,
    modules=856,
    gc_stats=744,
    gc_collecting=816,
    gil_pointer=None,
    gil_locked=368,
    thread_next=8,
    thread_native_id=176,  # the pthread structure, which holds it
    thread_frame=24,
    cframe=None,
    frame_code=32,
    frame_previous=24,
    frame_locals=352,
    frame_instruction=96,
    code_filename=104,
    code_qualname=112,
    code_line_table=120,
    code_names=64,
    code_variables=72,
    code_free=80,
    code_constants=56,
    code_first_line=40,
    code_bytes=0,
    coroutine_frame=16,
    coroutine_state=108,  # of its frame
    task_coroutine=160,
    ascii_size=48,
    compact_size=72,
    type_cached_keys=872,
    managed_values=0,
    tasks_name="_all_tasks",
)

LAYOUTS = {
    (3, 9): replace(
        _BEFORE_311,
        frame_locals=360,
        frame_instruction=104,
        task_coroutine=152,
        type_cached_keys=864,
        function_code=16,
        function_defaults=32,
        function_closure=48,
    ),
    (3, 10): _BEFORE_311,
    (3, 11): Layout(
        main_interpreter=48,
        threads=16,
        modules=888,
        gc_stats=776,
        gc_collecting=848,
        gil_pointer=None,
        gil_locked=376,
        thread_next=8,
        thread_native_id=160,
        thread_frame=56,
        cframe=8,
        frame_code=32,
        frame_previous=48,
        frame_locals=72,
        code_first_line=72,
        code_bytes=184,
        coroutine_frame=80,
        coroutine_state=75,
        task_coroutine=136,
        ascii_size=48,
        compact_size=72,
        type_cached_keys=872,
        managed_values=-32,
        tasks_name="_all_tasks",
    ),
    (3, 12): Layout(
        main_interpreter=48,
        threads=72,
        modules=944,
        gc_stats=240,
        gc_collecting=312,
        gil_pointer=384,
        gil_locked=16,
        thread_next=8,
        thread_native_id=144,
        thread_frame=56,
        cframe=0,
        frame_code=0,
        frame_previous=8,
        frame_locals=72,
        code_first_line=68,
        code_bytes=192,
        coroutine_frame=72,
        coroutine_state=67,
        task_coroutine=136,
        ascii_size=40,
        compact_size=56,
        type_cached_keys=880,
        managed_values=-24,
        tasks_name="_scheduled_tasks",
    ),
    (3, 13): Layout(
        main_interpreter=640,
        threads=7344,
        modules=7656,
        gc_stats=7528,
        gc_collecting=7600,
        gil_pointer=16,
        gil_locked=16,
        thread_next=8,
        thread_native_id=160,
        thread_frame=72,
        cframe=None,
        frame_code=0,
        frame_previous=8,
        frame_locals=72,
        code_first_line=68,
        code_bytes=200,
        coroutine_frame=72,
        coroutine_state=67,
        task_coroutine=120,
        ascii_size=40,
        compact_size=56,
        type_cached_keys=880,
        managed_values=-24,
        tasks_name="_scheduled_tasks",
    ),
}
