'use strict';
// Letter outlines for the cutting plotter: Bezier contours of a face, flattened to line segments at a given height.
const { LRUCache } = require('lru-cache');

const UNITS_PER_EM = 2048;
const TOLERANCE_MM = 0.02;

const outlines = new LRUCache({ max: 80, ttl: 30 * 60 * 1000 });

/** The plotter's faces come as cubic contours; these are generated from the face's stroke parameters. */
class Face {
  constructor(name, { weight, width, slant, serif }) {
    this.name = name;
    this.weight = weight;
    this.width = width;
    this.slant = slant;
    this.serif = serif;
  }

  advance(letter) {
    return Math.round((0.45 + ((letter.codePointAt(0) * 37) % 40) / 100) * this.width * UNITS_PER_EM);
  }

  contours(letter) {
    const code = letter.codePointAt(0);
    const count = 1 + (code % 2) + (this.serif ? 1 : 0);
    return Array.from({ length: count }, (_, ring) => this.ring(code, ring));
  }

  ring(code, ring) {
    const curves = [];
    const steps = 6 + ((code + ring) % 4);
    const radius = UNITS_PER_EM * (0.36 - ring * this.weight * 0.3);
    const point = (turn, stretch) => {
      const angle = turn * 2 * Math.PI;
      const r = radius * (1 + 0.25 * Math.sin(angle * (1 + (code % 5)) + ring)) * stretch;
      const y = r * Math.sin(angle);
      return [r * Math.cos(angle) * this.width + y * this.slant, y];
    };
    for (let i = 0; i < steps; i++) {
      const at = (part) => (i + part) / steps;
      curves.push([point(at(0), 1), point(at(0.33), 1.12), point(at(0.66), 0.91), point(at(1), 1)]);
    }
    return curves;
  }
}

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

function deviation(from, to, p) {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const length = Math.hypot(dx, dy);
  if (length === 0) return Math.hypot(p[0] - from[0], p[1] - from[1]);
  return Math.abs(dx * (from[1] - p[1]) - dy * (from[0] - p[0])) / length;
}

/** De Casteljau: halves a curve until a straight line is close enough for the blade. */
function flatten([a, b, c, d], tolerance, into) {
  if (deviation(a, d, b) <= tolerance && deviation(a, d, c) <= tolerance) {
    into.push(d);
    return;
  }
  const ab = middle(a, b);
  const bc = middle(b, c);
  const cd = middle(c, d);
  const abc = middle(ab, bc);
  const bcd = middle(bc, cd);
  const centre = middle(abc, bcd);
  flatten([a, ab, abc, centre], tolerance, into);
  flatten([centre, bcd, cd, d], tolerance, into);
}

function bounds(rings) {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (const ring of rings) {
    for (const [x, y] of ring) {
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.bottom = Math.min(box.bottom, y);
      box.top = Math.max(box.top, y);
    }
  }
  return box;
}

const lengthOf = (ring) => ring.reduce((sum, p, i) => (i ? sum + Math.hypot(p[0] - ring[i - 1][0], p[1] - ring[i - 1][1]) : 0), 0);

function trace(face, letter, height) {
  const scale = height / UNITS_PER_EM;
  const rings = face.contours(letter).map((curves) => {
    const points = [curves[0][0]];
    for (const curve of curves) flatten(curve, TOLERANCE_MM / scale, points);
    return points.map(([x, y]) => [x * scale, y * scale]);
  });
  return {
    points: rings.reduce((n, ring) => n + ring.length, 0),
    blade: rings.reduce((sum, ring) => sum + lengthOf(ring), 0),
    box: bounds(rings),
    rings: rings.map((ring) => Float32Array.from(ring.flat())),
  };
}

function outlineOf(face, letter, height) {
  const key = `${face.name}/${letter}/${height}`;
  let outline = outlines.get(key);
  if (!outline) {
    outline = trace(face, letter, height);
    outlines.set(key, outline);
  }
  return outline;
}

module.exports = { Face, outlineOf, UNITS_PER_EM };
