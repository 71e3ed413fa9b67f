import { parentPort } from 'node:worker_threads';

const runes: string[] = Array.from({ length: 9000 }, (_, i) => `rune${(i * 2654435761) % 99991}-${'abcdefgh'.slice(i % 8)}`);

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(swap, previous[j] + 1, current[j - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}

function nearestRune(word: string): string {
  let best = runes[0];
  let least = Infinity;
  for (const rune of runes) {
    const distance = editDistance(word, rune);
    if (distance < least) {
      least = distance;
      best = rune;
    }
  }
  return best;
}

parentPort!.on('message', (word: string) => parentPort!.postMessage(nearestRune(word)));
