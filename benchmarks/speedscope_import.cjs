// Import a profile with speedscope's own code, as its page does when a file is dropped on it, and
// print each profile's name, total and largest frame.
//
//     node speedscope_import.cjs node_modules/speedscope FILE
//
// The npm package holds only the page's script. It runs here with stand-ins for the page, up to
// the place where it would draw; what it has then loaded is its importer.
'use strict'
const fs = require('fs')
const path = require('path')

const EXPORTED = /(\w+),\{[^{}]*importProfilesFromArrayBuffer/

async function importer(folder) {
  const release = path.join(folder, 'dist', 'release')
  const name = fs.readdirSync(release).find(file => /^speedscope-.*\.js$/.test(file))
  const script = fs.readFileSync(path.join(release, name), 'utf8')
  const module = EXPORTED.exec(script)[1].replace(/\$/g, '\\$&')
  const loading = new RegExp(`Promise\\.resolve\\(\\)\\.then\\(\\(\\)=>\\([\\w$]+\\(\\),${module}\\)\\)`)
  const handed = script.replace(loading, '(globalThis.importer=$&)')
  const nothing = new Proxy(function () {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => '' : nothing),
    apply: () => nothing,
    construct: () => nothing,
  })
  Object.assign(globalThis, {window: globalThis, document: nothing, location: new URL('file:///')})
  try {
    ;(0, eval)(handed)
  } catch {
    // it could not draw, and need not
  }
  return globalThis.importer
}

async function main([folder, file]) {
  const print = console.log
  console.log = () => {}
  const speedscope = await importer(folder)
  const data = fs.readFileSync(file)
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.length)
  const group = await speedscope.importProfilesFromArrayBuffer(path.basename(file), bytes)
  for (const profile of group.profiles) {
    let top = {getSelfWeight: () => -1}
    profile.forEachFrame(frame => {
      if (frame.getSelfWeight() > top.getSelfWeight()) top = frame
    })
    print(`${profile.getName()}\t${profile.getTotalWeight()}\t${top.name}\t${top.getSelfWeight()}`)
  }
}

main(process.argv.slice(2))
