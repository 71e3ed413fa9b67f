// One costly pattern at a time, or its innocent look-alike: `node patterns.js PATTERN SECONDS`.
const crypto = require('crypto')
const fs = require('fs')
const zlib = require('zlib')

const WORDS = Array.from({ length: 3000 }, (_, i) => `word${i}`)
const ORDER = { id: 7, lines: Array.from({ length: 60 }, (_, i) => ({ sku: `s${i}`, cents: i * 7, tags: ['a', 'b'] })) }
const NOWHERE = new console.Console(fs.createWriteStream('/dev/null'))
let turn = 0

const patterns = {
  regex_compile() {
    turn += 1
    return WORDS.slice(0, 300).filter((word) => new RegExp(`^(\\w+)-${word}${turn}[a-z]*$`).test('order-word5'))
  },
  regex_match() {
    return WORDS.slice(0, 40).map((word) => ('abab'.repeat(6) + word).replace(/([a-z]+)\d+-(\w+)$/, 'x'))
  },
  json_text() {
    let size = 0
    for (let i = 0; i < 50; i++) size += JSON.stringify(JSON.parse(JSON.stringify(ORDER))).length
    return size
  },
  deep_copy() {
    return WORDS.slice(0, 50).map(() => structuredClone(ORDER))
  },
  spread() {
    return WORDS.slice(0, 1500).reduce((all, word) => [...all, word], [])
  },
  logs() {
    for (const word of WORDS.slice(0, 300)) NOWHERE.log(`seen ${word}`, ORDER.id, { word })
  },
  exceptions() {
    let found = 0
    for (const word of WORDS) {
      try {
        if (word.length > 2) throw new Error(`bad ${word}`)
      } catch (error) {
        found += error.stack.length
      }
    }
    return found
  },
  membership() {
    const seen = []
    for (const word of WORDS) {
      if (!seen.includes(word + 'x')) seen.push(word + 'x')
    }
    return seen
  },
  sort_in_loop() {
    const scores = WORDS.map((_, i) => (i * 7919) % 1000)
    const best = []
    for (const word of WORDS.slice(0, 40)) {
      scores.push(word.length)
      best.push([...scores].sort((a, b) => a - b)[0])
    }
    return best
  },
  dates() {
    return WORDS.slice(0, 200).map((_, i) => new Date(1e12 + i).toLocaleDateString('de-DE'))
  },
  compress() {
    return zlib.gzipSync(Buffer.from(JSON.stringify(ORDER).repeat(20)), { level: 9 })
  },
  password() {
    return crypto.pbkdf2Sync('secret', 'salt', 20000, 32, 'sha256')
  },
  innocent() {
    let found = 0
    for (let i = 0; i < 3000000; i++) found = (found * 31 + i) % 1000003
    JSON.stringify(ORDER)
    const seen = new Set(WORDS)
    for (const word of WORDS) if (seen.has(word)) found += 1
    return found + WORDS.join('').length
  },
}

const [name, seconds] = process.argv.slice(2)
const end = Date.now() + 1000 * Number(seconds)
while (Date.now() < end) patterns[name]()
