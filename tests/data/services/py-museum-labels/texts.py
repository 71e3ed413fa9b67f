"""The curators' label texts, one for each kind of object and language, with the parts that they share."""
import random

LANGUAGES = ["en", "nl", "fr", "de"]
KINDS = ["vase", "bowl", "tile", "jug", "coin", "medal", "seal", "brooch", "ring", "sword", "shield", "map"]
WORDS = {
    "en": ("made in", "about", "gift of", "found at"),
    "nl": ("gemaakt in", "omstreeks", "geschenk van", "gevonden te"),
    "fr": ("fait à", "vers", "don de", "trouvé à"),
    "de": ("gefertigt in", "um", "Geschenk von", "gefunden in"),
}

SHARED = """
{%- macro years(thing, about) -%}
{% if thing.earliest == thing.latest %}{{ thing.earliest }}{% else %}{{ about }} {{ thing.earliest }}–{{ thing.latest }}{% endif %}
{%- endmacro -%}
{%- macro size(thing) -%}
{% for side in thing.sides %}{{ "%.1f"|format(side) }}{% if not loop.last %} × {% endif %}{% endfor %} cm
{%- endmacro -%}
"""

LABEL = """
{%%- from "shared" import years, size -%%}
<article class="label %(kind)s" lang="%(lang)s">
  <h2>{{ thing.title|e }}{%% if thing.part %%} <small>{{ thing.part }}</small>{%% endif %%}</h2>
  <p class="made">%(made)s {{ thing.place|e }}, {{ years(thing, "%(about)s") }}</p>
  {%% if thing.maker %%}<p class="maker">{{ thing.maker|e }}{%% if thing.maker_born %%} ({{ thing.maker_born }}){%% endif %%}</p>{%% endif %%}
  <ul class="stuff">{%% for stuff in thing.stuffs if stuff %%}<li>{{ loop.index }}. {{ stuff|capitalize }}</li>{%% else %%}<li>–</li>{%% endfor %%}</ul>
  <p class="size">{{ size(thing) }}</p>
  {%% if thing.donor %%}<p class="gift">%(gift)s {{ thing.donor|e }}</p>
  {%% elif thing.site %%}<p class="find">%(found)s {{ thing.site|e }}</p>{%% endif %%}
  <p class="number">{{ thing.number }}</p>
</article>
"""


def label_texts() -> dict[str, str]:
    texts = {"shared": SHARED}
    for lang in LANGUAGES:
        made, about, gift, found = WORDS[lang]
        for kind in KINDS:
            texts[f"{kind}.{lang}"] = LABEL % {"kind": kind, "lang": lang, "made": made, "about": about, "gift": gift, "found": found}
    return texts


def objects(count: int = 900) -> list[dict]:
    rnd = random.Random(count)
    places, stuffs = ["Delft", "Rouen", "Meissen", "Faenza", "Iznik"], ["earthenware", "tin glaze", "silver", "bronze", "paper"]
    return [{
        "number": f"BK-{1900 + n % 90}-{n}", "kind": KINDS[n % len(KINDS)], "room": 1 + n // 12 % 25,
        "title": f"{KINDS[n % len(KINDS)].title()} with {rnd.choice(['birds', 'a lion', 'flowers', 'a ship'])}",
        "part": None, "place": rnd.choice(places), "earliest": 1600 + n % 150, "latest": 1600 + n % 150 + n % 3 * 10,
        "maker": None if n % 3 else f"Master {n % 40}", "maker_born": 1580 + n % 140,
        "stuffs": rnd.sample(stuffs, 2), "sides": [round(rnd.uniform(4, 60), 1) for _ in range(3)],
        "donor": f"Family {n % 70}" if n % 4 == 0 else None, "site": "the old harbour",
    } for n in range(count)]
