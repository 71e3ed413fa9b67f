const express = require('express');
const { z } = require('zod');

const app = express();
app.use(express.json({ limit: '2mb' }));

function trimAll(req, res, next) {
  req.body.lines = req.body.lines.map((line) => ({ ...line, name: line.name.trim(), code: line.code.trim() }));
  next();
}
function upperCodes(req, res, next) {
  for (const line of req.body.lines) line.code = line.code.toUpperCase();
  next();
}
function stripTags(req, res, next) {
  for (const line of req.body.lines) line.name = line.name.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
  next();
}
function checkDates(req, res, next) {
  for (const line of req.body.lines) line.day = new Date(line.day).toISOString().slice(0, 10);
  next();
}
function addKeys(req, res, next) {
  for (const line of req.body.lines) line.key = [line.code, line.day, line.name].join('|');
  next();
}
function dedupe(req, res, next) {
  const seen = new Map();
  for (const line of req.body.lines) seen.set(line.key + line.no, line);
  req.body.lines = [...seen.values()];
  next();
}
function sortLines(req, res, next) {
  req.body.lines.sort((a, b) => (a.key < b.key ? -1 : 1));
  next();
}

const Line = z.object({
  no: z.number().int(),
  name: z.string().min(1).max(200),
  code: z.string().regex(/^[A-Z0-9-]+$/),
  day: z.string(),
  key: z.string(),
  price: z.number().nonnegative(),
  tags: z.array(z.string()).max(10),
});
function validate(req, res, next) {
  const parsed = z.array(Line).safeParse(req.body.lines);
  if (!parsed.success) return res.status(400).json(parsed.error);
  req.body.lines = parsed.data;
  next();
}
function priceLines(req, res, next) {
  for (const line of req.body.lines) line.gross = Number((line.price * 1.19).toFixed(2));
  next();
}
function groupTags(req, res, next) {
  const groups = {};
  for (const line of req.body.lines) for (const tag of line.tags) (groups[tag] ||= []).push(line.no);
  req.groups = groups;
  next();
}
function sample(count) {
  return Array.from({ length: count }, (_, no) => ({
    no, name: ` <b>Form</b>  ${no % 97} `, code: ` ab-${no % 31} `, day: `2024-0${(no % 9) + 1}-1${no % 9}`, price: no % 71, tags: [`t${no % 7}`, `u${no % 5}`],
  }));
}
const draft = JSON.stringify({ lines: sample(2500) });
function loadDraft(req, res, next) {
  req.body = JSON.parse(draft);
  next();
}

app.get('/healthz', (req, res) => res.send('ok'));
app.get('/forms', loadDraft, trimAll, upperCodes, stripTags, checkDates, addKeys, dedupe, sortLines, validate, priceLines, groupTags, (req, res) => {
  res.json({ lines: req.body.lines, groups: req.groups });
});

app.listen(process.env.PORT, '127.0.0.1');
