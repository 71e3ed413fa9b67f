'use strict';
// The texts lie in a git repository that the clerks edit; the service only reads it, apart from the first filling.
const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const SUBJECTS = ['dogs', 'markets', 'parking', 'noise', 'graveyards', 'chimneys', 'moorings', 'signs'];
const MEETINGS = 24;

class Archive {
  constructor(folder) {
    this.folder = folder;
  }

  git(...args) {
    return execFileSync('git', ['-C', this.folder, ...args], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  }

  names() {
    return this.git('ls-tree', '--name-only', 'main').trim().split('\n').map((file) => file.replace(/\.txt$/, ''));
  }

  versions(name) {
    const log = this.git('log', '--format=%H%x09%as%x09%s', 'main', '--', `${name}.txt`).trim();
    if (!log) return [];
    return log.split('\n').map((line) => {
      const [revision, date, subject] = line.split('\t');
      return { revision, date, meeting: subject.replace('Council meeting ', '') };
    });
  }

  text(name, revision) {
    return this.git('show', `${revision}:${name}.txt`);
  }

  fill() {
    if (existsSync(join(this.folder, '.git'))) return;
    execFileSync('git', ['init', '-q', '-b', 'main', this.folder]);
    const stream = [];
    for (let meeting = 1; meeting <= MEETINGS; meeting++) {
      const message = `Council meeting ${meeting}`;
      stream.push('commit refs/heads/main', `committer Clerk <clerk@town.example> ${1500000000 + meeting * 5000000} +0000`,
        `data ${message.length}`, message);
      SUBJECTS.forEach((subject, n) => {
        if ((meeting + n) % 3) return;
        const text = draft(subject, meeting, n);
        stream.push(`M 644 inline ${subject}.txt`, `data ${Buffer.byteLength(text)}`, text);
      });
    }
    stream.push('done', '');
    execFileSync('git', ['-C', this.folder, 'fast-import', '--quiet', '--done'], { input: stream.join('\n') });
  }
}

function draft(subject, meeting, n) {
  const count = 18 + Math.floor(meeting / 3) + n;
  const lines = Array.from({ length: count }, (_, k) => {
    const amended = (k * 7 + n) % 9 < meeting / 4 ? `, as settled at meeting ${meeting - ((k + meeting) % 4)}` : '';
    return `${k + 1}. Of ${subject}: whoever is charged under paragraph ${((k * 5) % count) + 1} shall within ${7 + (k % 4) * 7} days`
      + ` give notice to the clerk${amended}, and pay ${10 + ((k * 13) % 90)} marks.`;
  });
  return `${lines.join('\n\n')}\n`;
}

module.exports = { Archive };
