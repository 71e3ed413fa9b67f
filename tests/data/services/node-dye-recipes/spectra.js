'use strict';
// Absorption of the dyes as they were measured, 1 nm apart, at several strengths.
const { BoundedMap } = require('./bounded-map');

const FROM = 380;
const STEP = 1;
const POINTS = 321;
const STRENGTHS = 14;

const spectra = new BoundedMap(64);

const bandsOf = (dye) => Array.from({ length: 5 }, (_, i) => ({
  centre: 400 + ((dye * 53 + i * 71) % 290),
  width: 14 + ((dye * 7 + i * 5) % 30),
  height: 0.15 + (((dye + i) * 37) % 90) / 100,
}));

function absorption(bands, strength, wavelength) {
  let sum = 0;
  for (const { centre, width, height } of bands) {
    const d = (wavelength - centre) / width;
    sum += height * (1 - Math.exp(-strength * Math.exp(-0.5 * d * d)));
  }
  return sum;
}

// Kubelka-Munk: K/S at each strength, and the slope by which a recipe is scaled
function measure(dye) {
  const bands = bandsOf(dye);
  const curves = [];
  for (let s = 1; s <= STRENGTHS; s++) {
    const curve = new Float64Array(POINTS);
    for (let i = 0; i < POINTS; i++) {
      const reflectance = Math.min(0.98, Math.exp(-absorption(bands, s / 4, FROM + i * STEP)));
      curve[i] = (1 - reflectance) ** 2 / (2 * reflectance);
    }
    curves.push(curve);
  }
  const slope = Float64Array.from({ length: POINTS }, (_, i) => (curves[STRENGTHS - 1][i] - curves[0][i]) / (STRENGTHS - 1));
  return { dye, curves, slope };
}

function spectrumOf(dye) {
  return spectra.get(dye) ?? spectra.set(dye, measure(dye));
}

module.exports = { spectrumOf, FROM, STEP, POINTS, STRENGTHS };
