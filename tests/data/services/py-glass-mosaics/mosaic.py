"""Turns a picture into tesserae of a few glass colours."""
import math

MOTIFS = {"heron": (3.1, 0.7), "lily": (1.9, 1.3), "harbour": (0.8, 2.2), "moon": (2.4, 2.4)}


def picture(motif: str, width: int, height: int) -> list[tuple[int, int, int]]:
    a, b = MOTIFS[motif]
    pixels = []
    for y in range(height):
        for x in range(width):
            u, v = x / width, y / height
            pixels.append((
                int(127 + 120 * math.sin(a * 6 * u + v)),
                int(127 + 120 * math.cos(b * 5 * v - u)),
                int(127 + 120 * math.sin((u + v) * (a + b))),
            ))
    return pixels


def nearest(colour, palette) -> int:
    r, g, b = colour
    best, best_distance = 0, 1 << 30
    for index, (pr, pg, pb) in enumerate(palette):
        distance = (r - pr) ** 2 + (g - pg) ** 2 + (b - pb) ** 2
        if distance < best_distance:
            best, best_distance = index, distance
    return best


def choose_palette(pixels, colours: int, rounds: int = 4):
    step = max(1, len(pixels) // colours)
    palette = [pixels[i * step] for i in range(colours)]
    for _ in range(rounds):
        groups = [[] for _ in palette]
        for pixel in pixels:
            groups[nearest(pixel, palette)].append(pixel)
        palette = [tuple(sum(p[k] for p in group) // len(group) for k in range(3)) if group else palette[i]
                   for i, group in enumerate(groups)]
    return palette


def lay_out(motif: str, width: int, colours: int) -> dict:
    height = width * 3 // 4
    pixels = picture(motif, width, height)
    palette = choose_palette(pixels, colours)
    tiles = [nearest(pixel, palette) for pixel in pixels]
    rows = ["".join("0123456789abcdef"[tile] for tile in tiles[y * width:(y + 1) * width]) for y in range(height)]
    counts = [tiles.count(index) for index in range(len(palette))]
    return {"palette": ["#%02x%02x%02x" % colour for colour in palette], "counts": counts, "rows": rows}
