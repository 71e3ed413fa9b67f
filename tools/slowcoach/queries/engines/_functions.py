"""The functions of MySQL and MariaDB that do nothing but compute."""

from slowcoach.core.errors import NotPermittedError

# words of the language that a bracket may follow
_WORD_LIST = """
all and any as asc between by case cast check coalesce cross cume_dist date desc distinct div
else end escape except exists explain extract for force from full group having ignore in index
inner intersect interval is join key lateral left like limit match mod natural not of offset on
or order outer over partition range regexp right rlike row rows select set some straight_join
sounds table then time timestamp union unique use using values when where window with within
binary char character collate convert double decimal float int integer signed unsigned varchar
datetime json year nchar nvarchar varbinary against recursive only portion system_time
"""
_FUNCTION_LIST = """
abs acos add_months adddate addtime aes_decrypt aes_encrypt any_value ascii asin atan atan2 avg
bin bin_to_uuid bit_and bit_count bit_length bit_or bit_xor ceil ceiling char_length
character_length charset chr coercibility collation column_get column_json compress concat
concat_ws conv convert_tz cos cot count crc32 crc32c curdate current_date current_role
current_time current_timestamp current_user curtime database date_add date_format date_sub
datediff day dayname dayofmonth dayofweek dayofyear decode degrees dense_rank elt encode exp
export_set extractvalue field find_in_set first_value floor format format_bytes found_rows
from_base64 from_days from_unixtime geometrytype get_format greatest group_concat grouping hex
hour if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr is_ipv4 is_ipv6 is_uuid
isnull json_array json_array_append json_array_insert json_array_intersect json_arrayagg
json_compact json_contains json_contains_path json_depth json_detailed json_equals json_exists
json_extract json_insert json_keys json_length json_loose json_merge json_merge_patch
json_merge_preserve json_normalize json_object json_objectagg json_overlaps json_pretty
json_query json_quote json_remove json_replace json_schema_valid json_search json_set
json_storage_size json_table json_type json_unquote json_valid json_value lag last_day
last_value lcase lead least length ln localtime localtimestamp locate log log10 log2 lower lpad
ltrim make_set makedate maketime max md5 median member microsecond mid min minute month
monthname natural_sort_key now nth_value ntile nullif nvl nvl2 oct octet_length ord percent_rank
percentile_cont percentile_disc period_add period_diff pi position pow power quarter quote
radians rand random_bytes rank regexp_instr regexp_like regexp_replace regexp_substr repeat
replace reverse round row_number rpad rtrim schema sec_to_time second session_user sformat sha
sha1 sha2 sign sin soundex space sqrt st_area st_asgeojson st_astext st_aswkt st_buffer
st_centroid st_contains st_crosses st_difference st_dimension st_disjoint st_distance
st_distance_sphere st_equals st_geomfromtext st_geomfromwkb st_intersection st_intersects
st_isvalid st_length st_numpoints st_overlaps st_srid st_touches st_union st_within st_x st_y
std stddev stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index
subtime sum sysdate system_user tan time_format time_to_sec timediff timestampadd timestampdiff
to_base64 to_char to_days to_seconds trim trim_oracle truncate ucase uncompress
uncompressed_length unhex unix_timestamp updatexml upper user utc_date utc_time utc_timestamp
uuid uuid_to_bin var_pop var_samp variance version week weekday weekofyear weight_string
yearweek point linestring polygon mbrcontains mbrintersects mbrwithin
"""

_WORDS = frozenset(_WORD_LIST.split())
_FUNCTIONS = frozenset(_FUNCTION_LIST.split())


def require_known(called: frozenset[str]) -> None:
    """Refuse a query that calls what is not a harmless built-in function.

    Stored functions may do anything; SLEEP, GET_LOCK, LOAD_FILE and the like do more than
    compute. EXPLAIN alone may run them too: constants are computed while planning.
    """
    for name in sorted(called):
        if name not in _FUNCTIONS and name not in _WORDS:
            raise NotPermittedError(
                f"sql: it calls {name.removeprefix('.')}(), which is not known to be harmless",
                hint="Take the call out, or paste the plan instead",
            )
