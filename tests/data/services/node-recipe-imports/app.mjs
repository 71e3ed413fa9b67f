// Recipes from pages that other sites send: each import reads the whole page again.
import { createServer } from 'node:http';
import { Parser } from 'htmlparser2';

const NOUNS = ['flour', 'butter', 'sugar', 'leeks', 'barley', 'thyme', 'plums', 'rye &amp; spelt'];
const pages = new Map(Array.from({ length: 12 }, (_, n) => [n, Array.from({ length: 900 }, (_, k) =>
  `<div class="row r${k % 7}" data-id="${n}-${k}" title="step ${k}"><!-- ${k} --><a href="/i/${k}">${NOUNS[(n + k) % 8]}</a>`
  + `<span class="amount">${(k * 37) % 500} g</span><p>Stir for ${k % 30} minutes &ndash; then rest it, covered, in a cool place.</p></div>`).join('\n')]));

class Recipe {
  links = 0;
  amounts = [];
  words = 0;
  notes = 0;
  depth = 0;
  deepest = 0;
  inside = '';

  onopentag(name, attributes) {
    this.depth++;
    this.deepest = Math.max(this.deepest, this.depth);
    this.inside = attributes.class ?? name;
    if (attributes.href) this.links++;
  }

  ontext(text) {
    if (this.inside === 'amount') this.amounts.push(parseInt(text, 10) || 0);
    else this.words += text.length;
  }

  onclosetag() {
    this.depth--;
    this.inside = '';
  }

  oncomment() {
    this.notes++;
  }
}

function harvest(page) {
  const recipe = new Recipe();
  const parser = new Parser(recipe, { decodeEntities: true });
  parser.write(page);
  parser.end();
  return { links: recipe.links, grams: recipe.amounts.reduce((a, b) => a + b, 0), words: recipe.words, notes: recipe.notes, deepest: recipe.deepest };
}

createServer((req, res) => {
  const found = /^\/imports\/(\d+)$/.exec(req.url);
  if (req.url === '/healthz') return res.end('ok');
  if (!found) return res.writeHead(404).end();
  const page = pages.get(Number(found[1]) % pages.size);
  let total = 0;
  let last;
  for (let pass = 0; pass < 6; pass++) total += (last = harvest(page)).grams;
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ ...last, total }));
}).listen(Number(process.env.PORT), '127.0.0.1');
