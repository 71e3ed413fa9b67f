'use strict';
// 1-bit rasters of 832 dots width, as the printers take them.
const WIDTH_BYTES = 104;
const ROWS = 1800;
const blank = Buffer.alloc(WIDTH_BYTES * ROWS);

function glyphColumn(code, column) {
  return ((code * 2654435761) >>> (column % 24)) & 0xff;
}

function textAt(page, row, text) {
  for (let n = 0; n < text.length && n < WIDTH_BYTES / 3; n += 1) {
    for (let line = 0; line < 16; line += 1) {
      page[(row + line) * WIDTH_BYTES + n * 3] = glyphColumn(text.charCodeAt(n), line);
    }
  }
}

function barcodeAt(page, row, digits) {
  for (let line = 0; line < 120; line += 1) {
    for (let n = 0; n < digits.length; n += 1) page[(row + line) * WIDTH_BYTES + 10 + n * 4] = 0x92 ^ Number(digits[n]);
  }
}

function raster({ title, lines, code }) {
  const page = Buffer.from(blank);
  textAt(page, 40, title);
  lines.forEach((line, n) => textAt(page, 120 + n * 40, line));
  barcodeAt(page, 400, code);
  return page;
}

module.exports = { raster };
